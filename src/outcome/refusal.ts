import type { Chars } from '../core/units.ts';
import { arabic } from './refusals/arabic.ts';
import { chinese, japanese, korean } from './refusals/asian.ts';
import { english } from './refusals/english.ts';
import { dutch, german } from './refusals/germanic.ts';
import { french, italian, portuguese, spanish } from './refusals/romance.ts';
import { polish, russian } from './refusals/slavic.ts';
import type { RefusalTable } from './refusals/table.ts';

export const REFUSAL_TABLES: readonly RefusalTable[] = [
  english,
  french,
  german,
  spanish,
  italian,
  portuguese,
  dutch,
  polish,
  russian,
  chinese,
  japanese,
  korean,
  arabic,
];

/** A refusal comes at once; what comes later is the answer. */
const LONGEST_OPENING: Chars = 240;
/** "Hello, I understand …, but unfortunately, as an assistant, …" */
const MOST_LEADS = 6;

/** Whether a reply declines to answer, by how it begins: a cheap reading, meant for comparing rates and not single replies. */
export function isRefusal(text: string): boolean {
  const opening = normalized(text);
  return opening !== '' && MATCHERS.some((matcher) => refuses(matcher, opening));
}

interface Matcher {
  readonly refusal: RegExp;
  readonly lead: RegExp;
}

const MATCHERS: readonly Matcher[] = REFUSAL_TABLES.map(({ isSpaced, leads, refusals }) => ({
  refusal: beginning(refusals, isSpaced),
  lead: beginning(leads, isSpaced),
}));

function beginning(patterns: readonly string[], isSpaced: boolean): RegExp {
  return new RegExp(`(?:${patterns.join('|')})${isSpaced ? '(?![\\p{L}\\p{M}\\p{N}])' : ''}`, 'uy');
}

const BETWEEN = /[\s,.!:;…–—\-，。！、：；،؛]*/uy;

function refuses({ refusal, lead }: Matcher, opening: string): boolean {
  let at = 0;
  for (let leads = 0; leads <= MOST_LEADS; leads++) {
    refusal.lastIndex = at;
    if (refusal.test(opening)) return true;
    lead.lastIndex = at;
    if (!lead.test(opening)) return false;
    BETWEEN.lastIndex = lead.lastIndex;
    BETWEEN.test(opening);
    at = BETWEEN.lastIndex;
  }
  return false;
}

/** Emphasis, marks and pictures before the first word; a quotation mark stays, as what it opens is quoted. */
const ORNAMENT = /^[\s#>~¡¿\-–—\p{Extended_Pictographic}\u{fe0f}]+/u;

function normalized(text: string): string {
  return text
    .slice(0, LONGEST_OPENING)
    .toLowerCase()
    .replace(/[’‘ʼ´`]/g, "'")
    .replace(/[*_]/g, '')
    .replace(/\s+/g, ' ')
    .replace(ORNAMENT, '');
}
