import { applyEdits, JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode, TextEdit } from '../core/json-document.ts';
import type { RedactionLog } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { isDigit, WORD } from './char-set.ts';
import { beginsFreeForm, treatmentOf } from './inspected-fields.ts';
import { KeywordTable, ROOT } from './keyword-table.ts';
import type { SearchResult } from './keyword-table.ts';
import { numbersAt } from './json-numbers.ts';
import type { NumberPlace } from './json-numbers.ts';
import { Places } from './places.ts';
import { asBareNumber } from './replacement.ts';
import type { Replacements } from './replacement.ts';
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
const DOT = 0x2e;
const BEGINS_JSON = /^\s*[{[]/;
/** Texts searched for: their table is made for each request. */
const MOST = 128;

/**
 * Replaces what was found in one place of a request wherever else it stands: `password = x1y2z3` in the first turn, and
 * "your password x1y2z3" in the third, where no rule would know it. So a value that was restored in a reply is replaced
 * again when the reply comes back in the history.
 */
export function redactKnownValues(context: ScanContext, document: JsonDocument, log: RedactionLog): JsonDocument {
  const known = new KnownValues(context);
  if (known.isEmpty || !known.mayBeIn(document.text)) return document;
  const search = new KnownSearch(known, document, new Places(context.rules), log);
  search.visit(document.root, false);
  return search.edits.length === 0 ? document : document.edited(search.edits);
}

/** One document: its strings, numbers and the member names that are the caller's own. */
class KnownSearch {
  readonly edits: TextEdit[] = [];
  private readonly known: KnownValues;
  private readonly document: JsonDocument;
  private readonly places: Places;
  private readonly log: RedactionLog;

  constructor(known: KnownValues, document: JsonDocument, places: Places, log: RedactionLog) {
    this.known = known;
    this.document = document;
    this.places = places;
    this.log = log;
  }

  visit(node: JsonNode, isFreeForm: boolean): void {
    const { document } = this;
    if (isFreeForm && node.key !== null && !beginsFreeForm(node)) this.visitName(node, node.key);
    if (node.kind === JsonKind.string) {
      const treatment = treatmentOf(document, node, isFreeForm);
      if (treatment === 'plain' || treatment === 'arguments') this.replace(node, node, document.string(node)!);
    } else if (node.kind < JsonKind.string) {
      const isInside = isFreeForm || beginsFreeForm(node);
      for (const child of node.children) this.visit(child, isInside);
    }
    for (const place of numbersAt(document, node, isFreeForm)) this.visitNumber(place, node);
  }

  private visitName(node: JsonNode, name: string): void {
    this.replace({ start: node.keyStart, end: this.document.nameEnd(node) }, node.parent!, name);
  }

  private replace({ start, end }: NumberPlace, where: JsonNode, text: string): void {
    const edits = this.known.editsOf(text, (issued, from, to) => this.tell(issued, from, to, where));
    if (edits.length > 0) this.edits.push({ start, end, text: JSON.stringify(applyEdits(text, edits)) });
  }

  private visitNumber({ start, end }: NumberPlace, node: JsonNode): void {
    const known = this.known.ofNumber(this.document.text.slice(start, end));
    if (known === null) return;
    this.edits.push({ start, end, text: JSON.stringify(known.placeholder) });
    this.tell(known.issued, 0, end - start, node);
  }

  private tell({ rule, category }: Issued, start: number, end: number, node: JsonNode): void {
    this.log.found('request', { rule, category, action: 'placeholder', start, end }, this.places.of(node));
  }
}

class KnownValues {
  private readonly vault: Vault;
  private readonly replacements: Replacements;
  private readonly placeholders: string[] = [];
  private readonly lengths: Chars[] = [];
  private readonly texts: string[] = [];
  /** Some of them may be escaped in more than one way. */
  private hasEscapes = false;
  private built: KeywordTable | null = null;
  private readonly found: SearchResult = { state: ROOT, end: -1 };

  constructor({ vault, replacements }: ScanContext) {
    this.vault = vault!;
    this.replacements = replacements;
    const { texts } = this;
    this.vault.forEach(({ value }, placeholder) => {
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

  /** What stands in the place of a number of JSON; null where it is not known. */
  ofNumber(digits: string): { readonly issued: Issued; readonly placeholder: string } | null {
    const at = this.texts.indexOf(digits);
    if (at < 0) return null;
    const placeholder = this.spelled(this.placeholders[at]!, true);
    return { issued: this.vault.issuedAs(this.placeholders[at]!)!, placeholder };
  }

  editsOf(text: string, onFinding: (issued: Issued, start: number, end: number) => void): TextEdit[] {
    const { table, found } = this;
    const edits: TextEdit[] = [];
    const isJson = BEGINS_JSON.test(text);
    let state = ROOT;
    for (let from = 0; ; from = found.end, state = found.state) {
      table.search(text, from, text.length, state, found);
      if (found.end < 0) return edits;
      const number = table.endingIn(found.state).find((each) => this.isWhole(text, each, found.end));
      if (number === undefined) continue;
      const start = found.end - this.lengths[number]!;
      if (start < (edits.at(-1)?.end ?? 0)) continue;
      const placeholder = this.placeholders[number]!;
      const isBare = isJson && isNumberIn(text, start, found.end);
      edits.push({
        start,
        end: found.end,
        text: isBare ? this.asValue(text, start, placeholder) : this.spelled(placeholder, false),
      });
      onFinding(this.vault.issuedAs(placeholder)!, start, found.end);
    }
  }

  /** In JSON text. What stands behind a sign can be nothing but a number. */
  private asValue(text: string, start: number, placeholder: string): string {
    return text[start - 1] === '-' ? '0' : JSON.stringify(this.spelled(placeholder, true));
  }

  /** A number and the same digits in a text have placeholders of their own. */
  private spelled(placeholder: string, isNumber: boolean): string {
    const issued = this.vault.issuedAs(placeholder)!;
    if (issued.isNumber === isNumber) return placeholder;
    const { value, rule, category } = issued;
    const spelling = isNumber ? asBareNumber(value) : value;
    const own = this.replacements.of({ id: rule, category }, 'placeholder', value, spelling);
    this.vault.issue(own, { value, isNumber, rule, category });
    return own;
  }

  /** A card number within a longer number is another number. */
  private isWhole(text: string, number: number, end: number): boolean {
    const start = end - this.lengths[number]!;
    if (!this.table.isAt(number, text, end) || isFraction(text, start, end)) return false;
    return !joins(text, start - 1, start) && !joins(text, end - 1, end);
  }
}

/** Digits before or behind a decimal point are another number. */
function isFraction(text: string, start: number, end: number): boolean {
  const behind = text.charCodeAt(end) === DOT && isDigit(text.charCodeAt(end - 1)) && isDigit(text.charCodeAt(end + 1));
  const before =
    text.charCodeAt(start - 1) === DOT && isDigit(text.charCodeAt(start)) && isDigit(text.charCodeAt(start - 2));
  return before || behind;
}

/** A value of JSON text that consists of digits. */
function isNumberIn(text: string, start: number, end: number): boolean {
  return (
    /^[0-9]+$/.test(text.slice(start, end)) &&
    /[[:,]\s*-?$/.test(text.slice(Math.max(0, start - 8), start)) &&
    /^\s*[\]},]/.test(text.slice(end, end + 8))
  );
}

function joins(text: string, left: number, right: number): boolean {
  return WORD.has(text.charCodeAt(left)) && WORD.has(text.charCodeAt(right));
}

function isDistinctive(value: string): boolean {
  // The table knows ASCII only.
  if (value.length < SHORTEST || value.length > LONGEST || /[^\x20-\x7e\t\r\n]/.test(value)) return false;
  return value.length >= SHORTEST_WORD || /[^A-Za-z]/.test(value.slice(1, -1)) || /[0-9]/.test(value);
}
