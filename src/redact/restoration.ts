import type { RedactionLog, RedactionPolicy, RestoreScope } from '../core/redaction.ts';
import { ALNUM, LEFT_CONTEXT, startsToken, WORD } from './char-set.ts';
import { match, pending } from './detector.ts';
import type { Detector, Verdict } from './detector.ts';
import { categoryOfPlaceholder, isPlaceholder, PLACEHOLDER_HEAD, PLACEHOLDER_LENGTH } from './replacement.ts';
import { continuesUrl, isInUrl, LONGEST_URL_REST, urlAround, urlRestEnd } from './urls.ts';
import type { Surroundings } from './urls.ts';
import type { Vault } from './vault.ts';

const DOT = 0x2e;

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
  tailStart: null,
  plausible: () => true,
  match: (text, at, _after, final) => matchPlaceholder(text, at, final),
  canonical: (value) => value,
  examples: [],
  nearMisses: [],
};

function matchPlaceholder(text: string, at: number, final: boolean): Verdict {
  const end = at + PLACEHOLDER_LENGTH;
  const runEnd = WORD.runEnd(text, at, end);
  // What stands right behind it decides as well.
  if (runEnd === text.length && !final) return pending(at, WORD, end + 1);
  if (!isPlaceholder(text.slice(at, end))) return null;
  // In a URL, all of it decides.
  const isOpen = !final && urlRestEnd(text, end) === text.length && text.length < end + LONGEST_URL_REST;
  return isOpen && (text.charCodeAt(end) === DOT || continuesUrl(leftOf(text, at))) ? pending(at) : match(at, end);
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

function reaches(scope: RestoreScope, place: ReplyPlace): boolean {
  return scope === 'everywhere' || (scope === 'tool_arguments' && place === 'tool_arguments');
}
