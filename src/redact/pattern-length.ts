import type { Chars } from '../core/units.ts';

/** An astral character is two UTF-16 units; what may match one counts double. */
const ASTRAL: Chars = 2;
const ZERO_WIDTH = new Set('AbBzZG');

/** A conservative upper bound of what a pattern of RE2 syntax can match, in UTF-16 units; Infinity where there is none. */
export function longestMatch(pattern: string): Chars {
  const reader = new PatternReader(pattern);
  const length = reader.alternatives();
  return reader.isDone ? length : Infinity;
}

class PatternReader {
  private readonly pattern: string;
  private at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  get isDone(): boolean {
    return this.at >= this.pattern.length;
  }

  alternatives(): Chars {
    let longest = this.sequence();
    while (this.pattern[this.at] === '|') {
      this.at++;
      longest = Math.max(longest, this.sequence());
    }
    return longest;
  }

  private sequence(): Chars {
    let length = 0;
    while (!this.isDone && this.pattern[this.at] !== '|' && this.pattern[this.at] !== ')') {
      length += this.quantified(this.atom());
    }
    return length;
  }

  private atom(): Chars {
    const char = this.pattern[this.at++];
    if (char === '(') return this.group();
    if (char === '[') return this.bracket();
    if (char === '\\') return this.escape();
    if (char === '^' || char === '$') return 0;
    return char === '.' ? ASTRAL : 1;
  }

  private group(): Chars {
    const prefix = /\?(?:P?<[^>]*>|[a-zA-Z-]*:|[a-zA-Z-]*(?=\)))/y;
    prefix.lastIndex = this.at;
    if (prefix.test(this.pattern)) this.at = prefix.lastIndex;
    const length = this.alternatives();
    this.at++;
    return length;
  }

  private bracket(): Chars {
    const start = this.at;
    if (this.pattern[this.at] === '^') this.at++;
    if (this.pattern[this.at] === ']') this.at++;
    for (; !this.isDone && this.pattern[this.at] !== ']'; this.at++) {
      if (this.pattern[this.at] === '\\') this.at++;
      else if (this.pattern.startsWith('[:', this.at)) this.at = this.pattern.indexOf(':]', this.at) + 1;
    }
    const body = this.pattern.slice(start, this.at++);
    return /^[\x20-\x5b\x5d-\x7e]*$/.test(body) && body[0] !== '^' ? 1 : ASTRAL;
  }

  private escape(): Chars {
    const char = this.pattern[this.at++] ?? '';
    if (char === 'Q') return this.quoted();
    if (ZERO_WIDTH.has(char)) return 0;
    const braces = /[pPx]\{[^}]*\}/y;
    braces.lastIndex = this.at - 1;
    if (braces.test(this.pattern)) this.at = braces.lastIndex;
    else if (char === 'x') this.at += 2;
    else if (char === 'p' || char === 'P') this.at++;
    return ASTRAL;
  }

  private quoted(): Chars {
    const end = this.pattern.indexOf('\\E', this.at);
    const stop = end < 0 ? this.pattern.length : end;
    const length = stop - this.at;
    this.at = end < 0 ? stop : end + 2;
    return length;
  }

  private quantified(length: Chars): Chars {
    const quantifier = /[*+?]|\{(\d+)(,?)(\d*)\}/y;
    let total = length;
    quantifier.lastIndex = this.at;
    for (let found = quantifier.exec(this.pattern); found; found = quantifier.exec(this.pattern)) {
      this.at = quantifier.lastIndex;
      total = times(total, found);
    }
    return total;
  }
}

function times(length: Chars, quantifier: RegExpExecArray): Chars {
  const [text, least, comma, most] = quantifier;
  // After another quantifier, "?" only makes it lazy.
  if (text === '?' || length === 0) return length;
  if (least === undefined || (comma === ',' && most === '')) return Infinity;
  return length * Number(most || least);
}
