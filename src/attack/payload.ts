const BASE64 = new Set(Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_', codeOf));
const HEX = /^(?:[0-9a-f]{2})+$/i;
/** Text as people write it: what was decoded is no picture and no key. */
const READABLE = /^[\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\ufffc]+$/;
const SHORTEST = 16;

/** The run of characters of base64 or hex around `[from, to)`, not before `limit`. */
export function codedRun(text: string, from: number, to: number, limit: number): { start: number; end: number } {
  let start = from;
  while (start > limit && BASE64.has(text.charCodeAt(start - 1))) start--;
  let end = to;
  while (end < text.length && BASE64.has(text.charCodeAt(end))) end++;
  return { start, end };
}

/** What the run says; null: nothing that somebody wrote. */
export function decoded(run: string): string | null {
  const said = Buffer.from(run, HEX.test(run) ? 'hex' : 'base64').toString('utf8');
  return said.length >= SHORTEST / 2 && READABLE.test(said) ? said : null;
}

export function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const code = letter.charCodeAt(0);
    const first = code >= 0x61 ? 0x61 : 0x41;
    return String.fromCharCode(first + ((code - first + 13) % 26));
  });
}

function codeOf(char: string): number {
  return char.charCodeAt(0);
}

/** The high half of the tag characters, which no screen shows and some models read. @source Unicode, U+E0020 to U+E007E */
const TAGS_HIGH = '\udb40';
const TAGS = /\udb40([\udc20-\udc7e])/g;
const TAGS_LOW = 0xdc00;

/** What tag characters spell; null: there are none, or no more than in a flag. */
export function hiddenByTags(text: string): string | null {
  if (!text.includes(TAGS_HIGH)) return null;
  const spelt = Array.from(text.matchAll(TAGS), ([, low]) => String.fromCharCode(low!.charCodeAt(0) - TAGS_LOW));
  return spelt.length < SHORTEST ? null : spelt.join('');
}
