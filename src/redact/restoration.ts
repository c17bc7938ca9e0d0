import type { RedactionLog, RedactionPolicy, RestoreScope } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { ALNUM, CharSet, EDGE, EDGE_CODE, LEFT_CONTEXT, startsToken, WORD } from './char-set.ts';
import { match, pending } from './detector.ts';
import type { Detector, Verdict } from './detector.ts';
import { categoryOfPlaceholder, isPlaceholder, PLACEHOLDER_HEAD, PLACEHOLDER_LENGTH } from './replacement.ts';
import { continuesUrl, isInUrl, LONGEST_URL_REST, urlAround, urlRestEnd } from './urls.ts';
import type { Surroundings } from './urls.ts';
import type { Vault } from './vault.ts';

const DOT = 0x2e;
const COLON = 0x3a;
const JSON_SPACE = new CharSet(' \n\r\t');
/** Behind a string; more of it is read as the end of a value. */
const LONGEST_SPACE: Chars = 64;
/** A string of JSON text that begins with a placeholder. */
const STRING_HEAD = EDGE + PLACEHOLDER_HEAD;

/** Where a text of a reply stands. */
export type ReplyPlace = 'text' | 'tool_arguments';

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
  // In a URL, all of it decides.
  const isOpen = !final && urlRestEnd(text, end) === text.length && text.length < end + LONGEST_URL_REST;
  return isOpen && (text.charCodeAt(end) === DOT || continuesUrl(leftOf(text, at))) ? pending(at) : match(at, end);
}

/** With its quotes, unless it is the name of a member: that stays a string. */
function matchString(text: string, start: number, end: number, final: boolean): Verdict {
  const limit = end + LONGEST_SPACE;
  const next = JSON_SPACE.runEnd(text, end, limit);
  if (next === text.length && next < limit && !final) return pending(start);
  return text.charCodeAt(next) === COLON ? match(start + 1, end - 1) : match(start, end);
}

function leftOf(text: string, at: number): string {
  return text.slice(Math.max(0, at - LEFT_CONTEXT), at);
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

  /** @returns the value; null where the placeholder stays */
  valueOf(placeholder: string, place: ReplyPlace, around: Surroundings): string | null {
    const issued = this.vault.issuedAs(placeholder);
    if (issued === null) {
      this.log.restored(categoryOfPlaceholder(placeholder), 'unknown');
      return null;
    }
    if (!this.isWhole(placeholder, around)) return null;
    const isAllowed = reaches(this.scopes[issued.category], place) && this.leadsNowhereElse(placeholder, around);
    this.log.restored(issued.category, isAllowed ? 'restored' : 'refused');
    if (!isAllowed) return null;
    // In JSON or code within the text.
    const quoted = around.before.endsWith('"') ? this.vault.quotedAs(placeholder) : null;
    return quoted ?? issued.value;
  }

  /** It stands for a number in JSON, without quotes. */
  isNumber(placeholder: string): boolean {
    return this.vault.issuedAs(placeholder)?.isNumber === true;
  }

  /** For all of a string of what a tool is handed. @returns the number; null where it stands for none, or stays */
  numberOf(text: string): string | null {
    if (text.length !== PLACEHOLDER_LENGTH || !this.isNumber(text)) return null;
    return this.valueOf(text, 'tool_arguments', NOTHING_AROUND);
  }

  /** A letter or digit that touches it makes another word of it, but where it was sent like that: `-pPII_…`. */
  private isWhole(placeholder: string, { before, behind }: Surroundings): boolean {
    const isApart = startsToken(before + placeholder, before.length, ALNUM);
    const left = isApart || this.vault.wasSentAs(before.at(-1)! + placeholder);
    return left && (!ALNUM.has(behind.charCodeAt(0)) || this.vault.wasSentAs(placeholder + behind[0]!));
  }

  /** A URL would carry the value to its host: only one that was in the request, letter by letter, may. */
  private leadsNowhereElse(placeholder: string, around: Surroundings): boolean {
    if (!isInUrl(around)) return true;
    const url = urlAround(placeholder, around);
    return url !== null && this.vault.wasSentAs(url);
  }
}

const NOTHING_AROUND: Surroundings = { before: '', behind: '' };

function reaches(scope: RestoreScope, place: ReplyPlace): boolean {
  return scope === 'everywhere' || (scope === 'tool_arguments' && place === 'tool_arguments');
}
