/**
 * The one text of a JSON document: members in the order of their names, no white space. Numbers and strings stay as they
 * are written, so that what differs for any parser differs here. The properties of a schema keep their order: providers
 * write a structured reply in it.
 * @param text valid JSON in which no name stands twice in one object
 */
export function canonicalText(text: string): string {
  return new Canonical(text).value();
}

const BLANK = /[ \t\n\r]*/y;
const ORDERED = '"properties"';
const SCALAR = /[^\s,\]}]+/y;

class Canonical {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @param name as it is written, of the member whose value it is */
  value(name = ''): string {
    this.take(BLANK);
    const first = this.text[this.at];
    if (first === '{') return this.object(name === ORDERED);
    if (first === '[') return this.array();
    return first === '"' ? this.string() : this.take(SCALAR);
  }

  private object(isOrdered: boolean): string {
    const members: [name: string, member: string][] = [];
    this.each('}', () => {
      const name = this.string();
      this.take(BLANK);
      this.at++;
      members.push([name, `${name}:${this.value(name)}`]);
    });
    if (!isOrdered) members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([, member]) => member).join(',')}}`;
  }

  private array(): string {
    const values: string[] = [];
    this.each(']', () => values.push(this.value()));
    return `[${values.join(',')}]`;
  }

  /** By native search: a picture is one string of megabytes. */
  private string(): string {
    const from = this.at;
    let end = from;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) throw new SyntaxError('The text is no JSON.');
    } while (this.isEscaped(end));
    this.at = end + 1;
    return this.text.slice(from, this.at);
  }

  private isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    return backslashes % 2 === 1;
  }

  private each(end: string, read: () => void): void {
    this.at++;
    for (;;) {
      this.take(BLANK);
      if (this.text[this.at] === end) break;
      read();
      this.take(BLANK);
      if (this.text[this.at] === ',') this.at++;
      else if (this.text[this.at] !== end) throw new SyntaxError('The text is no JSON.');
      this.take(BLANK);
    }
    this.at++;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [taken] = pattern.exec(this.text) ?? [''];
    this.at = Math.max(this.at, pattern.lastIndex);
    if (taken === '' && pattern !== BLANK) throw new SyntaxError('The text is no JSON.');
    return taken;
  }
}
