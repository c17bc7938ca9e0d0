/** The text last asked about. One is kept, however many rules remember something of it. */
let last = '';
let version = 0;

function versionOf(text: string): number {
  if (text !== last) version++;
  // Also where it is equal: the same string is known as such without reading it.
  last = text;
  return version;
}

/** Reads on from `from` to the end of a run, at most to `limit`; a run that goes on is as long from wherever it is read on. */
interface RunReader {
  runEnd(text: string, from: number, limit: number): number;
}

/**
 * Runs of the members of a set, each read once: where candidates follow each other in one run, as in `key=key=key=`, the
 * next one looks no further than the one before did.
 */
export class KnownRun {
  private readonly chars: RunReader;
  private version = -1;
  private from = 0;
  private to = 0;

  constructor(chars: RunReader) {
    this.chars = chars;
  }

  /** As `CharSet.runEnd`. */
  end(text: string, from: number, limit: number): number {
    const version = versionOf(text);
    if (version !== this.version || from < this.from || from > this.to) {
      this.version = version;
      this.from = this.to = from;
    }
    if (this.to < limit) this.to = this.chars.runEnd(text, this.to, limit);
    return Math.min(this.to, limit);
  }
}

/** Where a literal stands next: texts are searched for it once. */
export class NextPlace {
  private readonly literal: string;
  private version = -1;
  private from = 0;
  private place = 0;

  constructor(literal: string) {
    this.literal = literal;
  }

  /** It begins in `text[from, to)`. */
  isIn(text: string, from: number, to: number): boolean {
    const version = versionOf(text);
    if (version !== this.version || from < this.from || from > this.place) {
      this.version = version;
      this.from = from;
      const place = text.indexOf(this.literal, from);
      this.place = place < 0 ? Infinity : place;
    }
    return this.place < to;
  }
}

/** What is asked of one place of one text after the other: many rules ask the same. */
export function rememberingPlace(find: (text: string, at: number) => number): (text: string, at: number) => number {
  let known = -1;
  let place = -1;
  let found = 0;
  return (text, at) => {
    const asked = versionOf(text);
    if (at !== place || asked !== known) {
      found = find(text, at);
      known = asked;
      place = at;
    }
    return found;
  };
}

/** The answer for the value last asked about costs nothing: several rules ask about one, and often twice. */
export function rememberingLast(judge: (value: string) => boolean): (value: string) => boolean {
  let known: string | null = null;
  let answer = false;
  return (value) => {
    if (value !== known) {
      answer = judge(value);
      known = value;
    }
    return answer;
  };
}
