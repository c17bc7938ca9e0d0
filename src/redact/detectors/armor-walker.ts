import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE } from '../char-set.ts';
import type { Walker } from '../detector.ts';

const DATA = new CharSet('A-Za-z0-9+/=');
/** What stands between lines in mail, comments, code, YAML and JSON; escaped line ends are recognised apart. */
const FILLER = new CharSet(' \t\n\r"\'`+,>#*|;()[]&$@%');
const MARKER_TEXT = new CharSet('A-Z0-9 ');
const LINE_ESCAPES = new CharSet('nrt');

/** Gaps and header lines longer than this end the block. */
const LONGEST_GAP: Chars = 96;
export const LONGEST_HEADER: Chars = 256;
const LONGEST_MARKER: Chars = 80;
/** A shorter data line can only be the last one: what follows is prose, unless it is the end marker. */
const SHORTEST_FULL_LINE: Chars = 16;
/** Without line ends between them, only runs of at least this length belong together. */
const SHORTEST_UNBROKEN_RUN: Chars = 40;
const DASH = 0x2d;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const SPACE = 0x20;

type Step = (code: number) => boolean;

/**
 * Follows the body of an armoured key: data lines, header lines (`DEK-Info: …`), and the end marker if there is one.
 * Line ends may be real, escaped (`\n`, any number of backslashes) or spaces; memory does not grow with the key.
 * @source https://www.rfc-editor.org/rfc/rfc7468, https://www.rfc-editor.org/rfc/rfc1421, https://www.rfc-editor.org/rfc/rfc9580#section-6.2
 */
export class ArmorWalker implements Walker {
  accepted: Chars = 0;
  /** Key material seen so far. */
  dataChars: Chars = 0;
  /** The end marker has come. */
  isClosed = false;
  private seen: Chars = 0;
  private length: Chars = 0;
  private lastRun: Chars = 0;
  private brokeLine = true;
  private escapes = false;
  private dashes = 0;
  private marker = '';
  /** PuTTY files have header lines between their data blocks and no end marker. */
  private readonly headersAnywhere: boolean;
  private step: Step;

  constructor(headersAnywhere: boolean) {
    this.headersAnywhere = headersAnywhere;
    this.step = headersAnywhere ? this.header : this.gap;
  }

  next(code: number): boolean {
    this.seen++;
    this.length++;
    return this.step(code);
  }

  private enter(step: Step): void {
    this.step = step;
    this.length = 0;
  }

  private gap(code: number): boolean {
    if (code === BACKSLASH) this.escapes = true;
    else if (this.escapes && LINE_ESCAPES.has(code)) this.breakLine();
    else if (DATA.has(code)) return this.enterRun(code);
    else if (code === DASH) return this.enterMarker();
    else if (FILLER.has(code)) {
      this.escapes = false;
      if (code === 0x0a || code === 0x0d) this.brokeLine = true;
    } else return false;
    return this.length <= LONGEST_GAP;
  }

  private breakLine(): void {
    this.brokeLine = true;
    this.escapes = false;
  }

  private enterRun(code: number): boolean {
    const continues = code === 0x2f && this.escapes;
    const joins = this.brokeLine ? this.lastRun >= SHORTEST_FULL_LINE : this.lastRun >= SHORTEST_UNBROKEN_RUN;
    // A checksum line of OpenPGP starts with "=".
    const isPart = this.dataChars === 0 || joins || continues || code === 0x3d || this.headersAnywhere;
    if (!isPart) return false;
    this.enter(this.run);
    this.length = continues ? this.lastRun + 1 : 1;
    return this.run(code);
  }

  private run(code: number): boolean {
    if (DATA.has(code)) {
      this.dataChars++;
      this.accepted = this.seen;
      return true;
    }
    if (code === DASH && !this.brokeLine) return this.endRun(() => this.enterMarker());
    if (code === DASH || code === 0x3a) return this.enterHeader(code);
    return this.endRun(() => this.gap(code));
  }

  private endRun(then: () => boolean): boolean {
    this.lastRun = this.length - 1;
    this.brokeLine = false;
    this.escapes = false;
    this.enter(this.gap);
    return then();
  }

  /** A run that meets a dash or colon may be a header's name, or data right before the end marker. */
  private enterHeader(code: number): boolean {
    const nameLength = this.length - 1;
    if (code === DASH && nameLength >= SHORTEST_UNBROKEN_RUN) return this.endRun(() => this.enterMarker());
    if (nameLength > SHORTEST_UNBROKEN_RUN) return false;
    this.dataChars -= nameLength;
    this.enter(this.header);
    return this.dataChars === 0 || this.headersAnywhere;
  }

  private header(code: number): boolean {
    if (code === DASH && this.length === 1) return this.endRun(() => this.enterMarker());
    if (this.escapes && LINE_ESCAPES.has(code)) return this.endHeader();
    if (code === 0x0a || code === 0x0d) return this.endHeader();
    this.escapes = code === BACKSLASH;
    if (code === EDGE_CODE || code === QUOTE) return false;
    if (!this.escapes && code !== SPACE) this.accepted = this.seen;
    return this.length <= LONGEST_HEADER;
  }

  private endHeader(): boolean {
    this.lastRun = SHORTEST_FULL_LINE;
    this.brokeLine = true;
    this.escapes = false;
    this.enter(this.gap);
    return true;
  }

  private enterMarker(): boolean {
    this.enter(this.endMarker);
    this.dashes = 1;
    this.marker = '';
    return true;
  }

  /** `-----END … -----`, `---- END SSH2 … ----`. */
  private endMarker(code: number): boolean {
    if (this.length > LONGEST_MARKER) return false;
    if (code !== DASH) {
      if (this.marker === '' && this.dashes < 4) return false;
      if (!MARKER_TEXT.has(code) || (this.marker !== '' && this.dashes > 0)) return false;
      if (this.marker === '') this.dashes = 0;
      this.marker += String.fromCharCode(code);
      return true;
    }
    this.dashes++;
    if (this.marker === '') return true;
    if (!this.isEnd()) return false;
    this.accepted = this.seen;
    this.isClosed = true;
    return this.dashes < 5;
  }

  private isEnd(): boolean {
    return this.marker.trimStart().startsWith('END ');
  }
}
