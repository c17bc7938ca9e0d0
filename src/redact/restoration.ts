import type { RedactionLog, RedactionPolicy, RestoreScope } from '../core/redaction.ts';
import { LEFT_CONTEXT, startsToken, WORD } from './char-set.ts';
import { match, pending } from './detector.ts';
import type { Detector, Verdict } from './detector.ts';
import { categoryOfPlaceholder, isPlaceholder, PLACEHOLDER_LENGTH } from './replacement.ts';
import type { Vault } from './vault.ts';

/** What stands left of a value within one URL, e-mail address or path. */
const URL_END = /[\s"'`<>()[\]{}|\\^\uffff]/;
/** `https://…`, `//host/…`, and a host with a path or query, which many programs make a link of. */
const URL_BEGINNING = /:\/\/|^\/\/|[a-z0-9-]\.[a-z]{2,}[/?#:]|^(?:data|javascript):/i;

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
  keywords: ['PII_'],
  begins: 'word',
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
  if (!startsToken(text, at, WORD)) return null;
  const end = at + PLACEHOLDER_LENGTH;
  const runEnd = WORD.runEnd(text, at, end + 1);
  if (runEnd === text.length && !final && runEnd <= end) return pending(at, WORD, end + 1);
  return runEnd === end && isPlaceholder(text.slice(at, end)) ? match(at, end) : null;
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
   * @param before the LEFT_CONTEXT characters before the placeholder, fewer at the beginning of the text
   * @returns the value; null where the placeholder stays
   */
  valueOf(placeholder: string, place: ReplyPlace, before: string): string | null {
    const issued = this.vault.issuedAs(placeholder);
    if (issued === null) {
      this.log.restored(categoryOfPlaceholder(placeholder), 'unknown');
      return null;
    }
    const isAllowed = reaches(this.scopes[issued.category], place) && !isInUrl(before);
    this.log.restored(issued.category, isAllowed ? 'restored' : 'refused');
    return isAllowed ? issued.value : null;
  }
}

function reaches(scope: RestoreScope, place: ReplyPlace): boolean {
  return scope === 'everywhere' || (scope === 'tool_arguments' && place === 'tool_arguments');
}

/** A run that is longer than what can be seen counts as one: its beginning may be anything. */
function isInUrl(before: string): boolean {
  let start = before.length;
  while (start > 0 && !URL_END.test(before[start - 1]!)) start--;
  const run = before.slice(start);
  return (start === 0 && before.length >= LEFT_CONTEXT) || URL_BEGINNING.test(run);
}
