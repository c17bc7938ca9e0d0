import type { RedactionLog, RedactionPolicy, RestoreScope } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { ALNUM, CharSet, EDGE, EDGE_CODE, LEFT_CONTEXT, startsToken, WORD } from './char-set.ts';
import { match, pending } from './detector.ts';
import type { Detector, Verdict } from './detector.ts';
import { categoryOfPlaceholder, isPlaceholder, PLACEHOLDER_HEAD, PLACEHOLDER_LENGTH } from './replacement.ts';
import type { PlaceInUrl } from './url-tracker.ts';
import { closedEnd, isHostBehind, keepsHost, linkedEnd, LONGEST_URL_REST, mayBeKnownUrl, wholeUrl } from './urls.ts';
import type { Surroundings } from './urls.ts';
import type { Vault } from './vault.ts';

/** A string of JSON begins. */
const BEFORE_STRING = /[{[,:]\s{0,16}"$/;
const COLON = 0x3a;
const JSON_SPACE = new CharSet(' \n\r\t');
/** Behind a string; more of it is read as the end of a value. */
const LONGEST_SPACE: Chars = 64;
/** A string of JSON text that begins with a placeholder. */
const STRING_HEAD = EDGE + PLACEHOLDER_HEAD;

/** Where a text of a reply stands; a `link` is nothing but a URL. */
export type ReplyPlace = 'text' | 'tool_arguments' | 'link';

/**
 * Finds what looks like one of our placeholders in a reply. Whether it is one, only the exchange knows.
 * The same for every exchange, so that it is compiled once, with the rules.
 */
export const PLACEHOLDER: Detector = {
  id: 'sluice.placeholder',
  category: 'custom',
  description: 'A placeholder of the request, to be given its value back',
  source: 'https://www.crockford.com/base32.html',
  keywords: [PLACEHOLDER_HEAD],
  begins: 'anywhere',
  trigger: 'keyword',
  rank: Infinity,
  redactsPartial: false,
  tailStart: stringStart,
  plausible: () => true,
  match: (text, at, _after, final) => matchPlaceholder(text, at, final),
  canonical: (value) => value,
  examples: [],
  nearMisses: [],
};

/** The quote of a string that may become a placeholder: a number takes its quotes away. */
function stringStart(text: string): number {
  for (let at = Math.max(0, text.length - PLACEHOLDER_HEAD.length); at < text.length; at++)
    if (text.charCodeAt(at) === EDGE_CODE && STRING_HEAD.startsWith(text.slice(at))) return at;
  return text.length;
}

function matchPlaceholder(text: string, at: number, final: boolean): Verdict {
  const end = at + PLACEHOLDER_LENGTH;
  const beginsString = text.charCodeAt(at - 1) === EDGE_CODE;
  const runEnd = WORD.runEnd(text, at, end);
  // What stands right behind it decides as well.
  if (runEnd === text.length && !final) return pending(beginsString ? at - 1 : at, WORD, end + 1);
  if (!isPlaceholder(text.slice(at, end))) return null;
  if (beginsString && text.charCodeAt(end) === EDGE_CODE) return matchString(text, at - 1, end + 1, final);
  return !final && isOpen(text, at, end) ? pending(at) : match(at, end);
}

/** With its quotes, unless it is the name of a member: that stays a string. */
function matchString(text: string, start: number, end: number, final: boolean): Verdict {
  const limit = end + LONGEST_SPACE;
  const next = JSON_SPACE.runEnd(text, end, limit);
  if (next === text.length && next < limit && !final) return pending(start);
  return text.charCodeAt(next) === COLON ? match(start + 1, end - 1) : match(start, end);
}

/** What decides whether the placeholder leads to a host, or is in a URL of the request, is still to come. */
function isOpen(text: string, at: number, end: number): boolean {
  // One character more: what ends a host is looked at.
  if (linkedEnd(text, end) === text.length) return true;
  if (closedEnd(text, end) < text.length || text.length >= end + LONGEST_URL_REST) return false;
  return mayBeKnownUrl(text.slice(Math.max(0, at - LEFT_CONTEXT), at));
}

/** Gives placeholders of a reply their values back, where the policy has it. */
export class Restoration {
  private readonly vault: Vault;
  private readonly scopes: RedactionPolicy['restore'];
  private readonly log: RedactionLog;

  constructor(vault: Vault, scopes: RedactionPolicy['restore'], log: RedactionLog) {
    this.vault = vault;
    this.scopes = scopes;
    this.log = log;
  }

  /**
   * @param where the placeholder stands; null where that is not known
   * @returns the value; null where the placeholder stays
   */
  valueOf(placeholder: string, place: ReplyPlace, around: Surroundings, where: PlaceInUrl | null): string | null {
    const issued = this.vault.issuedAs(placeholder);
    if (issued === null) {
      this.log.restored(categoryOfPlaceholder(placeholder), 'unknown');
      return null;
    }
    if (!this.isWhole(placeholder, around)) return null;
    const isAllowed =
      reaches(this.scopes[issued.category], place) && this.leadsNowhereElse(placeholder, place, around, where);
    this.log.restored(issued.category, isAllowed ? 'restored' : 'refused');
    if (!isAllowed) return null;
    // In JSON within the text.
    const quoted = BEFORE_STRING.test(around.before) ? this.vault.quotedAs(placeholder) : null;
    return quoted ?? issued.value;
  }

  /** It stands for a number in JSON, without quotes. */
  isNumber(placeholder: string): boolean {
    return this.vault.issuedAs(placeholder)?.isNumber === true;
  }

  /** For all of a string of what a tool is handed. @returns the number; null where it stands for none, or stays */
  numberOf(text: string, place: ReplyPlace): string | null {
    if (place !== 'tool_arguments' || text.length !== PLACEHOLDER_LENGTH || !this.isNumber(text)) return null;
    return this.valueOf(text, place, NOTHING_AROUND, IN_NO_URL);
  }

  /** A letter or digit that touches it makes another word of it, but where it was sent like that: `-pPII_…`. */
  private isWhole(placeholder: string, { before, behind }: Surroundings): boolean {
    const isApart = startsToken(before + placeholder, before.length, ALNUM);
    const left = isApart || this.vault.wasSentAs(before.at(-1)! + placeholder);
    return left && (!ALNUM.has(behind.charCodeAt(0)) || this.vault.wasSentAs(placeholder + behind[0]!));
  }

  /** A URL would carry the value to its host: only one that was in the request, letter by letter, may. */
  private leadsNowhereElse(
    placeholder: string,
    place: ReplyPlace,
    { behind }: Surroundings,
    where: PlaceInUrl | null,
  ): boolean {
    if (where === null) return false;
    if (!where.isInUrl && !isHostBehind(behind, place === 'tool_arguments')) return true;
    const before = where.isInUrl ? where.url : '';
    const url = before === null ? null : wholeUrl(before, placeholder, behind);
    return url !== null && this.vault.wasSentAs(url) && keepsHost(url, behind);
  }
}

const NOTHING_AROUND: Surroundings = { before: '', behind: '' };
const IN_NO_URL: PlaceInUrl = { at: 0, isInUrl: false, url: null };

function reaches(scope: RestoreScope, place: ReplyPlace): boolean {
  if (place === 'link') return false;
  return scope === 'everywhere' || (scope === 'tool_arguments' && place === 'tool_arguments');
}
