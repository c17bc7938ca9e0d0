import { hash } from 'node:crypto';
import type { RedactionAction, RedactionCategory } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';

/** @source https://www.crockford.com/base32.html */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PLACEHOLDER_DIGITS = 14;
/** The first ones tell the value, the others how it was written: no two of the values of one exchange share so many. */
const VALUE_DIGITS = 10;
/** The largest prime of two digits in base 32: every single wrong character and every swap of neighbours shows. */
const CHECK_MODULUS = 1021;
/** Replacements remembered in one body or stream, and the longest value that is worth it. */
const MOST_REMEMBERED = 4096;
const LONGEST_REMEMBERED: Chars = 256;

const FINGERPRINT_DIGITS = 16;

/** Type prefixes of placeholders: what kind of value stood there, all of one length. */
const TYPES: Readonly<Record<RedactionCategory | 'custom', string>> = {
  secrets: 'PII_SK',
  cards: 'PII_CC',
  ibans: 'PII_IB',
  national_ids: 'PII_ID',
  emails: 'PII_EM',
  phones: 'PII_PH',
  ips: 'PII_IP',
  generic_secrets: 'PII_GS',
  custom: 'PII_CU',
};

/** What every placeholder begins with. */
export const PLACEHOLDER_HEAD = 'PII_';
/** `PII_EM_` and 16 digits. */
export const PLACEHOLDER_LENGTH: Chars = 'PII_EM_'.length + PLACEHOLDER_DIGITS + 2;
const PLACEHOLDER_FORM = /^PII_[A-Z]{2}_[0-9A-HJKMNP-TV-Z]{16}$/;

const MASK_OR_PLACEHOLDER = 'REDACTED_[a-z0-9_]{1,80}|PII_[A-Z]{2}_[0-9A-HJKMNP-TV-Z]{16}';
const HASH = '[a-z][a-z0-9_]{1,80}?_h_[0-9a-f]{16}';
const OWN_TOKEN = new RegExp(`${MASK_OR_PLACEHOLDER}|\\b${HASH}`, 'g');
const OWN_TOKEN_HERE = new RegExp(`${MASK_OR_PLACEHOLDER}|${HASH}`, 'y');
const MOST_TOKENS = 8;

/** How a number in JSON that is no string is written, apart from the same digits in quotes. */
export function asBareNumber(digits: string): string {
  return `number ${digits}`;
}

interface Replaced {
  readonly id: string;
  readonly category: RedactionCategory | 'custom';
}

/** Makes what stands in the place of a value; for one tenant, the same value always gets the same text. */
export class Replacements {
  /** One block of SHA-256, derived from the secret. */
  private readonly firstBlock: string;
  private readonly remembered: Map<string, string> | null;

  private constructor(firstBlock: string, remembered: Map<string, string> | null) {
    this.firstBlock = firstBlock;
    this.remembered = remembered;
  }

  /** @param tenant the placeholders of two tenants cannot be compared */
  static keyedBy(secret: Buffer, tenant: string): Replacements {
    return new Replacements(hash('sha256', `${hash('sha256', secret)}tenant|${tenant}`), null);
  }

  /** The same replacements; values are kept in memory for as long as the caller keeps the result. */
  remembering(): Replacements {
    return new Replacements(this.firstBlock, new Map());
  }

  /**
   * @param canonical the form of the value in which equal values are equal
   * @param written how it was written: each spelling has a placeholder of its own, which begins as those of the others do
   */
  of(rule: Replaced, action: RedactionAction, canonical: string, written = canonical): string {
    if (action === 'mask') return maskOf(rule);
    const { remembered } = this;
    if (remembered === null || canonical.length + written.length > 2 * LONGEST_REMEMBERED)
      return this.derive(rule, action, canonical, written);
    const key = `${action === 'hash' ? rule.id : `${rule.category}|${written.length}|${written}`}|${canonical}`;
    let made = remembered.get(key);
    if (made === undefined) {
      made = this.derive(rule, action, canonical, written);
      this.remember(key, made);
    }
    return made;
  }

  /** What a finding is remembered by: equal for equal values, and no way back to one. */
  fingerprint(rule: Replaced, canonical: string): string {
    const { remembered } = this;
    const key = `finding|${rule.category}|${canonical}`;
    let made = remembered?.get(key);
    if (made !== undefined) return made;
    made = hash('sha256', this.firstBlock + key).slice(0, FINGERPRINT_DIGITS);
    if (canonical.length <= LONGEST_REMEMBERED) this.remember(key, made);
    return made;
  }

  private remember(key: string, made: string): void {
    const { remembered } = this;
    if (remembered === null) return;
    if (remembered.size === MOST_REMEMBERED) remembered.clear();
    remembered.set(key, made);
  }

  /**
   * A placeholder depends on what kind of value it is and not on the rule: other text around it may make another rule find
   * it next time. SHA-256 with the secret as its first block. A plain prefix is enough: less than half of a digest leaves the process,
   * so nobody can extend one. `createHmac` makes a key object at each call and takes ten times as long.
   */
  private derive(rule: Replaced, action: RedactionAction, canonical: string, written: string): string {
    const kind = action === 'hash' ? rule.id : rule.category;
    const digest = this.digest(kind, canonical);
    if (action === 'hash') return `${wordsOf(rule)}_h_${digest.toString('hex', 0, 8)}`;
    const digits = base32(digest, PLACEHOLDER_DIGITS);
    const own = written === canonical ? digits : base32(this.digest(`${kind} as written`, written), PLACEHOLDER_DIGITS);
    return withCheck(`${TYPES[rule.category]}_${digits.slice(0, VALUE_DIGITS)}${own.slice(VALUE_DIGITS)}`);
  }

  private digest(kind: string, text: string): Buffer {
    return hash('sha256', `${this.firstBlock}${kind}|${text}`, 'buffer');
  }
}

/**
 * Word characters only: brackets would be globs in a shell, links in Markdown and illegal in a URL's password, while
 * this survives them all, and JSON, without escapes.
 */
export function maskOf(rule: Replaced): string {
  return `REDACTED_${wordsOf(rule)}`;
}

function wordsOf(rule: Replaced): string {
  return rule.id.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');
}

/** What we put into a text ourselves is never a finding, so that redacting twice changes nothing. */
export function isOwnToken(value: string): boolean {
  const token = OWN_TOKEN_HERE;
  token.lastIndex = 0;
  for (let i = 0; i < MOST_TOKENS && token.test(value); i++) if (token.lastIndex === value.length) return true;
  return false;
}

/** What we put into a text ourselves, in order. */
export function ownTokensIn(text: string): { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(OWN_TOKEN)].map(({ 0: token, index }) => ({ start: index, end: index + token.length }));
}

/** It has the form of a placeholder, and nobody has changed a character of it. */
export function isPlaceholder(token: string): boolean {
  return PLACEHOLDER_FORM.test(token) && withCheck(token.slice(0, -2)) === token;
}

/** By its type prefix; of one with an unknown prefix `custom`. */
export function categoryOfPlaceholder(token: string): RedactionCategory | 'custom' {
  const found = Object.entries(TYPES).find(([, prefix]) => token.startsWith(prefix));
  return (found?.[0] ?? 'custom') as RedactionCategory | 'custom';
}

/** The check characters tell a placeholder that a model mangled: it is not restored, not even nearly. */
function withCheck(body: string): string {
  let check = 0;
  for (let i = 0; i < body.length; i++) check = (check * CROCKFORD.length + body.charCodeAt(i)) % CHECK_MODULUS;
  return body + CROCKFORD[check >> 5] + CROCKFORD[check & 31];
}

function base32(bytes: Buffer, digits: number): string {
  let text = '';
  for (let i = 0; i < digits; i++) {
    const bit = i * 5;
    const pair = (bytes[bit >> 3]! << 8) | bytes[(bit >> 3) + 1]!;
    text += CROCKFORD[(pair >> (11 - (bit & 7))) & 31];
  }
  return text;
}
