import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { Chars } from '../core/units.ts';
import { isDigit } from './char-set.ts';
import { beginsFreeForm } from './inspected-fields.ts';

/** Shorter ones are no number of a person, longer ones of nobody. */
const LEAST_DIGITS: Chars = 7;
const MOST_DIGITS: Chars = 19;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;

/** Numbers of the protocols, and what machines write in the same places: never a number of a person. */
const PROTOCOL_NUMBER =
  /(?:^|_)(?:n|seed|index|indices|tokens?|token_ids|logprobs?|logit_bias|bytes|size|length|count|limit|dimensions|version|code|ids?|ms|seconds|minutes|cost|price|temperature)$|^(?:max|min|top|total|num)_/;
/** Seconds since 1970 and finer: as many digits as a phone number has, or a card. */
const INSTANT_NAME =
  /(?:^|_)(?:at|ts|time|timestamp|date|created|updated|expires)$|[a-z](?:At|Ts|Time|Timestamp|Date)$/;
const INSTANT = /^1[0-9]{9}(?:[0-9]{3}){0,3}$/;
const VECTOR = /(?:^|_)(?:embeddings?|vectors?)$/;

/** What a long list begins with that is a vector, whatever it is called: eight fractions and zeros. */
const FRACTIONS = /\[(?:\s{0,8}-?(?:0|[0-9]{1,19}\.[0-9]{1,24}(?:[eE][+-]?[0-9]{1,3})?)\s{0,8},){8}/y;
const SHORTEST_VECTOR: Chars = 1024;

/** A number in the source text. */
export interface NumberPlace {
  readonly start: number;
  readonly end: number;
}

/** The numbers that a value is or holds itself and that may be a person's. @param isFreeForm the names are the caller's own */
export function numbersAt(document: JsonDocument, node: JsonNode, isFreeForm: boolean): readonly NumberPlace[] {
  if (node.kind !== JsonKind.number && node.kind !== JsonKind.array) return NONE;
  const name = nameOf(node);
  const isInstant = INSTANT_NAME.test(name);
  const isProtocol = !(isFreeForm || beginsFreeForm(node)) && (isInstant || PROTOCOL_NUMBER.test(name));
  if (isProtocol || VECTOR.test(name)) return NONE;
  const found = node.kind === JsonKind.array ? wholeNumbersIn(document, node) : isWhole(document, node) ? [node] : NONE;
  return isInstant ? found.filter(({ start, end }) => !INSTANT.test(document.text.slice(start, end))) : found;
}

const NONE: readonly NumberPlace[] = [];

/** It is written with digits alone, as many as a number of a person may have. */
function isWhole({ text }: JsonDocument, { start, end }: NumberPlace): boolean {
  const length = end - start;
  if (length < LEAST_DIGITS || length > MOST_DIGITS) return false;
  for (let at = start; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

/** The whole numbers of an array, which have no nodes. */
function wholeNumbersIn(document: JsonDocument, array: JsonNode): NumberPlace[] {
  const { text } = document;
  if (isVector(text, array)) return [];
  const found: NumberPlace[] = [];
  let at = array.start + 1;
  for (const child of array.children) {
    addNumbers(text, at, child.start, found);
    at = child.end;
  }
  addNumbers(text, at, array.end, found);
  return found;
}

function isVector(text: string, { start, end, children }: JsonNode): boolean {
  FRACTIONS.lastIndex = start;
  return end - start >= SHORTEST_VECTOR && children.length === 0 && FRACTIONS.test(text);
}

function addNumbers(text: string, from: number, to: number, found: NumberPlace[]): void {
  for (let at = from; at < to; at++) {
    if (!isDigit(text.charCodeAt(at))) continue;
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    const length = at - start;
    if (length < LEAST_DIGITS || length > MOST_DIGITS) continue;
    if (!goesOn(text.charCodeAt(start - 1)) && !goesOn(text.charCodeAt(at))) found.push({ start, end: at });
  }
}

/** A sign, fraction or exponent. */
function goesOn(code: number): boolean {
  return code === DOT || code === DASH || code === PLUS || (code | LOWER_CASE) === LETTER_E;
}

/** The name by which people know what an element of nested arrays is. */
export function nameOf(node: JsonNode): string {
  let named: JsonNode | null = node;
  while (named.key === null && named.parent !== null && named.parent.kind === JsonKind.array) named = named.parent;
  return named.key ?? '';
}
