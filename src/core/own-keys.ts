const STAND_IN = 'REDACTED_provider_key';
/** How JSON may write a character of a key that needs no escape. */
const SIGNS_OF_ESCAPES = [Buffer.from('\\u00'), Buffer.from('\\/')];

/** The gateway's own credentials at one provider: whatever a provider quotes in a reply, these do not pass. */
export class OwnKeys {
  static readonly NONE = new OwnKeys([]);
  private readonly keys: readonly Buffer[];
  /** The keys however JSON writes their characters; on text read as latin1. */
  private readonly spellings: RegExp;

  /** @param keys as they are sent, visible ASCII; the longer ones first, as one may begin with another */
  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => Buffer.from(key, 'latin1'));
    this.spellings = new RegExp(keys.map(spellingsOf).join('|'), 'g');
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** The bytes it was given where none of the keys is in them. */
  removedFrom(bytes: Buffer): Buffer {
    if (this.isEmpty || !this.mayBeIn(bytes)) return bytes;
    const text = bytes.toString('latin1');
    const clean = text.replace(this.spellings, STAND_IN);
    return clean === text ? bytes : Buffer.from(clean, 'latin1');
  }

  private mayBeIn(bytes: Buffer): boolean {
    for (const key of this.keys) if (bytes.includes(key)) return true;
    for (const sign of SIGNS_OF_ESCAPES) if (bytes.includes(sign)) return true;
    return false;
  }
}

function spellingsOf(key: string): string {
  return [...key].map((char) => `(?:${literal(char)}|${escapes(char)})`).join('');
}

function escapes(char: string): string {
  const hex = [...char.charCodeAt(0).toString(16).padStart(4, '0')];
  const unicode = `\\\\u${hex.map((digit) => (/[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit)).join('')}`;
  return char === '/' ? `${unicode}|\\\\/` : unicode;
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
