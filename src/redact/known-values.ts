import { applyEdits, JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode, TextEdit } from '../core/json-document.ts';
import type { RedactionLog } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { WORD } from './char-set.ts';
import { beginsFreeForm, treatmentOf } from './inspected-fields.ts';
import { KeywordTable, ROOT } from './keyword-table.ts';
import type { SearchResult } from './keyword-table.ts';
import { Places } from './places.ts';
import type { ScanContext } from './span-settler.ts';
import type { Issued, Vault } from './vault.ts';

/** Shorter ones are words and numbers that may stand for anything. */
const SHORTEST: Chars = 6;
/** Shorter ones must not be a mere word: `production` may be a password in one line and a word in the next. */
const SHORTEST_WORD: Chars = 16;
/** A longer one is a file, or text as base64: its table would be large, and nobody repeats it. */
const LONGEST: Chars = 512;
/** So many are looked for one by one: most requests have few, which stand nowhere else. */
const FEW = 16;
/** What may stand for a character of a value; the other escapes stand for none that values without escapes have. */
const HIDING_ESCAPE = /\\[u/]/;
/** Texts searched for: their table is made for each request. */
const MOST = 128;

/**
 * Replaces what was found in one place of a request wherever else it stands: `password = x1y2z3` in the first turn, and
 * "your password x1y2z3" in the third, where no rule would know it. So a value that was restored in a reply is replaced
 * again when the reply comes back in the history.
 */
export function redactKnownValues(context: ScanContext, document: JsonDocument, log: RedactionLog): JsonDocument {
  const known = new KnownValues(context.vault!);
  if (known.isEmpty || !known.mayBeIn(document.text)) return document;
  const edits: TextEdit[] = [];
  const places = new Places(context.rules);
  const visit = (node: JsonNode, isFreeForm: boolean): void => {
    if (node.kind === JsonKind.string) {
      const treatment = treatmentOf(document, node, isFreeForm);
      const isText = treatment === 'plain' || treatment === 'arguments';
      const edit = isText ? known.edit(node, document.string(node)!, log, places) : null;
      if (edit !== null) edits.push(edit);
    } else if (node.kind < JsonKind.string) {
      const isInside = isFreeForm || beginsFreeForm(node);
      for (const child of node.children) visit(child, isInside);
    }
  };
  visit(document.root, false);
  return edits.length === 0 ? document : document.edited(edits);
}

class KnownValues {
  private readonly vault: Vault;
  private readonly placeholders: string[] = [];
  private readonly lengths: Chars[] = [];
  private readonly texts: string[] = [];
  /** Some of them may be escaped in more than one way. */
  private hasEscapes = false;
  private built: KeywordTable | null = null;
  private readonly found: SearchResult = { state: ROOT, end: -1 };

  constructor(vault: Vault) {
    this.vault = vault;
    const { texts } = this;
    vault.forEach(({ value }, placeholder) => {
      if (texts.length >= MOST || !isDistinctive(value)) return;
      // As it stands in text, and as it stands in JSON text inside a text.
      const escaped = JSON.stringify(value).slice(1, -1);
      this.hasEscapes ||= escaped !== value;
      for (const text of new Set([value, escaped])) {
        texts.push(text);
        this.placeholders.push(placeholder);
        this.lengths.push(text.length);
      }
    });
  }

  get isEmpty(): boolean {
    return this.placeholders.length === 0;
  }

  /** @param json a whole document: values with an escape in them may stand in it in many ways */
  mayBeIn(json: string): boolean {
    if (json.includes('\\') && (this.hasEscapes || HIDING_ESCAPE.test(json))) return true;
    if (this.texts.length <= FEW) return this.texts.some((text) => json.includes(text));
    this.table.search(json, 0, json.length, ROOT, this.found);
    return this.found.end >= 0;
  }

  private get table(): KeywordTable {
    return (this.built ??= new KeywordTable(this.texts.map((text) => ({ text, anyCase: false }))));
  }

  edit(node: JsonNode, text: string, log: RedactionLog, places: Places): TextEdit | null {
    let where: string | null = null;
    const edits = this.editsOf(text, ({ rule, category }, start, end) => {
      log.found('request', { rule, category, action: 'placeholder', start, end }, (where ??= places.of(node)));
    });
    if (edits.length === 0) return null;
    return { start: node.start, end: node.end, text: JSON.stringify(applyEdits(text, edits)) };
  }

  private editsOf(text: string, onFinding: (issued: Issued, start: number, end: number) => void): TextEdit[] {
    const { table, found } = this;
    const edits: TextEdit[] = [];
    let state = ROOT;
    for (let from = 0; ; from = found.end, state = found.state) {
      table.search(text, from, text.length, state, found);
      if (found.end < 0) return edits;
      const number = table.endingIn(found.state).find((each) => this.isWhole(text, each, found.end));
      if (number === undefined) continue;
      const start = found.end - this.lengths[number]!;
      if (start < (edits.at(-1)?.end ?? 0)) continue;
      const placeholder = this.placeholders[number]!;
      edits.push({ start, end: found.end, text: placeholder });
      onFinding(this.vault.issuedAs(placeholder)!, start, found.end);
    }
  }

  /** A card number within a longer number is another number. */
  private isWhole(text: string, number: number, end: number): boolean {
    const start = end - this.lengths[number]!;
    return this.table.isAt(number, text, end) && !joins(text, start - 1, start) && !joins(text, end - 1, end);
  }
}

function joins(text: string, left: number, right: number): boolean {
  return WORD.has(text.charCodeAt(left)) && WORD.has(text.charCodeAt(right));
}

function isDistinctive(value: string): boolean {
  // The table knows ASCII only.
  if (value.length < SHORTEST || value.length > LONGEST || /[^\x20-\x7e\t\r\n]/.test(value)) return false;
  return value.length >= SHORTEST_WORD || /[^A-Za-z]/.test(value.slice(1, -1)) || /[0-9]/.test(value);
}
