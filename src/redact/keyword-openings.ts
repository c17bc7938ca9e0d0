import type { Chars } from '../core/units.ts';
import { ALNUM, LETTERS, startsToken } from './char-set.ts';
import type { Begins } from './detector.ts';
import { ROOT } from './keyword-table.ts';
import type { KeywordTable } from './keyword-table.ts';

interface OpeningKeyword {
  readonly text: string;
  readonly begins: Begins;
}

interface Opening {
  /** The beginning of a keyword, shorter than it. */
  readonly prefix: string;
  readonly begins: Begins;
}

const WIDTHS: readonly Begins[] = ['after', 'word', 'letters', 'anywhere'];

/** Where text ends in what may become a keyword at whose beginning a match would start. */
export class KeywordOpenings {
  private readonly table: KeywordTable;
  /** By state; few states have any. */
  private readonly openings: ReadonlyMap<number, readonly Opening[]>;

  /** @param keywords of the table's, those to wait for */
  constructor(table: KeywordTable, keywords: readonly OpeningKeyword[]) {
    this.table = table;
    this.openings = Map.groupBy(openingsOf(keywords), ({ prefix }) => table.stateAfter(prefix));
  }

  /** How many of the last characters of `text`, after which `state` was reached, may be the beginning of a match. */
  depth(state: number, text: string): Chars {
    for (let open = state; open !== ROOT; open = this.table.failureOf(open)) {
      const openings = this.openings.get(open);
      if (openings?.some((opening) => isOpen(opening, text)) === true) return this.table.depthOf(open);
    }
    return 0;
  }
}

/** The prefixes of all keywords, each once, as wide as any of them begins. */
function openingsOf(keywords: readonly OpeningKeyword[]): Opening[] {
  const widest = new Map<string, Begins>();
  for (const { text, begins } of keywords) {
    if (begins === 'after') continue;
    for (let length = 1; length < text.length; length++) {
      const prefix = text.slice(0, length);
      widest.set(prefix, wider(widest.get(prefix) ?? 'after', begins));
    }
  }
  return Array.from(widest, ([prefix, begins]) => ({ prefix, begins }));
}

function wider(a: Begins, b: Begins): Begins {
  return WIDTHS.indexOf(a) > WIDTHS.indexOf(b) ? a : b;
}

function isOpen({ prefix, begins }: Opening, text: string): boolean {
  if (!text.endsWith(prefix)) return false;
  const start = text.length - prefix.length;
  return begins === 'anywhere' || startsToken(text, start, begins === 'word' ? ALNUM : LETTERS);
}
