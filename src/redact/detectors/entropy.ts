import { LETTERS } from '../char-set.ts';

/**
 * The letter pairs that make up nine tenths of written English, a list a first letter: in random text they are three
 * tenths. Counted in technical prose.
 */
const COMMON_PAIRS = [
  'abcdgilmnprstuvy baelou caehiklorstu dadeikos eabcdeflmnpqrstvx faeioru geir haeiortu iacdefglmnoprstv jes ke',
  'ladeilostuy mabeimop nacdefgiopstu obcdfglmnoprstuvw paeiloprstu qu racegimnorstuy sacdehiopstu tacehioprstuy',
  'ubeilmnprst vaei waehi xp yop',
].flatMap((line) => line.split(' '));

const LETTER_COUNT = 26;
const IS_COMMON = new Uint8Array(LETTER_COUNT * LETTER_COUNT);
for (const [first = '', ...seconds] of COMMON_PAIRS)
  for (const second of seconds) IS_COMMON[letterOf(first, 0) * LETTER_COUNT + letterOf(second, 0)] = 1;

/** How often each character comes; all zero between calls. */
const counts = new Uint32Array(0x10000);

/** How surprising a text's characters are, in bits a character. @source C. E. Shannon, BSTJ 27(3), 1948 */
export function shannonEntropy(text: string): number {
  const seen: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (counts[code]!++ === 0) seen.push(code);
  }
  let bits = 0;
  for (const code of seen) {
    bits -= (counts[code]! / text.length) * Math.log2(counts[code]! / text.length);
    counts[code] = 0;
  }
  return bits;
}

/** The text has more than so many different characters. */
export function hasMoreChars(text: string, count: number): boolean {
  const seen = new Set<number>();
  for (let i = 0; i < text.length && seen.size <= count; i++) seen.add(text.charCodeAt(i));
  return seen.size > count;
}

/** The share of neighbouring letters that words have too: near 0.9 in words, near 0.3 in random text; 0 without letters. */
export function wordShare(text: string): number {
  let pairs = 0;
  let common = 0;
  for (let i = 1; i < text.length; i++) {
    if (!LETTERS.has(text.charCodeAt(i - 1)) || !LETTERS.has(text.charCodeAt(i))) continue;
    pairs++;
    common += IS_COMMON[letterOf(text, i - 1) * LETTER_COUNT + letterOf(text, i)]!;
  }
  return pairs === 0 ? 0 : common / pairs;
}

/** 0 for a and A. */
function letterOf(text: string, at: number): number {
  return (text.charCodeAt(at) | 0x20) - 0x61;
}
