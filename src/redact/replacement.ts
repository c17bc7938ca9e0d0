import { createHash, createHmac } from 'node:crypto';
import type { RedactionAction, RedactionCategory } from '../core/redaction.ts';

/** @source https://www.crockford.com/base32.html */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PLACEHOLDER_DIGITS = 14;
const CHECK_DIGITS = 2;

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

const PLACEHOLDER = /^PII_[A-Z]{2}_[0-9A-HJKMNP-TV-Z]{16}$/;
const OWN_TOKENS =
  /^(?:REDACTED_[a-z0-9_]{1,80}|[a-z][a-z0-9_]{1,80}_h_[0-9a-f]{16}|PII_[A-Z]{2}_[0-9A-HJKMNP-TV-Z]{16}){1,8}$/;

interface Replaced {
  readonly id: string;
  readonly category: RedactionCategory | 'custom';
}

/** Makes what stands in the place of a value; the same value always gets the same text. */
export class Replacements {
  private readonly secret: Buffer;

  constructor(secret: Buffer) {
    this.secret = secret;
  }

  /** @param canonical the form of the value in which equal values are equal */
  of(rule: Replaced, action: RedactionAction, canonical: string): string {
    if (action === 'mask') return maskOf(rule);
    const digest = createHmac('sha256', this.secret).update(`${rule.id}|${canonical}`).digest();
    if (action === 'hash') return `${wordsOf(rule)}_h_${digest.toString('hex', 0, 8)}`;
    return withCheck(`${TYPES[rule.category]}_${base32(digest, PLACEHOLDER_DIGITS)}`);
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

/** A placeholder whose check characters are right: one that a model mangled is not restored, not even nearly. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text) && withCheck(text.slice(0, -CHECK_DIGITS)) === text;
}

/** What we put into a text ourselves is never a finding, so that redacting twice changes nothing. */
export function isOwnToken(value: string): boolean {
  return OWN_TOKENS.test(value);
}

function withCheck(body: string): string {
  return body + base32(createHash('sha256').update(body).digest(), CHECK_DIGITS);
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
