import { parseJson } from './fields.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The first string that stands under a name in JSON text, decoded; empty where there is none. In JSON the quotes of a
 * string are escaped, so a quoted name with a colon behind it can only be a member's.
 */
export function textMember(json: string, name: string): string {
  const quoted = `"${name}"`;
  for (let at = json.indexOf(quoted); at >= 0; at = json.indexOf(quoted, at + quoted.length)) {
    const start = stringStart(json, at + quoted.length);
    if (start > 0) return stringAt(json, start);
  }
  return '';
}

/** Past `: "`; -1 where something else stands there. */
function stringStart(json: string, from: number): number {
  const colon = skipSpace(json, from);
  if (json.charCodeAt(colon) !== 0x3a) return -1;
  const quote = skipSpace(json, colon + 1);
  return json.charCodeAt(quote) === QUOTE ? quote + 1 : -1;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && json.charCodeAt(at) <= 0x20) at++;
  return at;
}

function stringAt(json: string, start: number): string {
  let hasEscape = false;
  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) return hasEscape ? decode(json.slice(start - 1, at + 1)) : json.slice(start, at);
    if (code === BACKSLASH) {
      hasEscape = true;
      at++;
    }
  }
  return '';
}

function decode(quoted: string): string {
  const text = parseJson(quoted);
  return typeof text === 'string' ? text : '';
}
