const OPENING = '“«「『‹';
const CLOSING = '”»」』›';
const LOW = '„';
const STRAIGHT = '"`';
const MARKS = new Set([...`${OPENING}${CLOSING}${LOW}${STRAIGHT}`].map((mark) => mark.charCodeAt(0)));
/** A quotation does not go on for longer: the mark was one of inches, or an apostrophe's. */
const LONGEST = 600;

/** Where a text quotes. Reads on from where it was asked last, so that all questions about a text cost one reading. */
export class Quotation {
  private readonly text: string;
  private at = 0;
  /** The mark that closes what is open; empty: nothing is. */
  private closer = '';
  private openedAt = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether the character before `end` is quoted by somebody; a text that is quoted as a whole quotes nobody. */
  isOpenAt(end: number): boolean {
    const until = Math.min(end, this.text.length);
    for (; this.at < until; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (MARKS.has(code)) this.read(String.fromCharCode(code));
    }
    return this.closer !== '' && this.openedAt > 1 && end - this.openedAt < LONGEST;
  }

  private read(char: string): void {
    if (this.closer !== '' && this.at - this.openedAt >= LONGEST) this.closer = '';
    if (this.closer === '') this.open(char);
    else if (this.closer.includes(char)) this.closer = '';
  }

  private open(char: string): void {
    const paired = OPENING.indexOf(char);
    if (paired >= 0) this.closer = CLOSING[paired]!;
    else if (char === LOW) this.closer = '“”';
    else if (STRAIGHT.includes(char)) this.closer = char;
    else return;
    this.openedAt = this.at;
  }
}
