/** Anything that is neither a letter nor a digit. */
export const SEPARATOR = 0x20;

/** Letters that look like a Latin one: they are read as it, in texts and in phrases of every language alike. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  // Cyrillic
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  к: 'k',
  м: 'm',
  т: 't',
  в: 'b',
  н: 'h',
  г: 'r',
  ӏ: 'l',
  ԁ: 'd',
  ԛ: 'q',
  ԝ: 'w',
  һ: 'h',
  // Greek
  α: 'a',
  ο: 'o',
  ν: 'v',
  ρ: 'p',
  ι: 'i',
  κ: 'k',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ε: 'e',
  η: 'n',
  // Latin letters that do not come apart into a base letter and a mark
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ı: 'i',
  ß: 's',
  ɡ: 'g',
  ɑ: 'a',
  // Digits and signs in place of letters
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

const LETTER = /[\p{L}\p{N}]/u;
/** From here on letters are no variants of Latin, Greek or Cyrillic ones; compatibility forms of ASCII come last. */
const VARIANTS_END = 0x2000;
const FULL_WIDTH = 0xff00;

/** What each code unit is read as: a small letter, itself, or `SEPARATOR`. */
export const FOLDED: Uint16Array = foldEverything();

export function fold(text: string): string {
  return Array.from({ length: text.length }, (_, i) => String.fromCharCode(FOLDED[text.charCodeAt(i)]!)).join('');
}

function foldEverything(): Uint16Array {
  const folded = new Uint16Array(0x1_0000);
  for (let code = 0; code < folded.length; code++) folded[code] = foldCode(code);
  return folded;
}

function foldCode(code: number): number {
  const char = String.fromCharCode(code);
  const plain = code < VARIANTS_END || code >= FULL_WIDTH ? char.normalize('NFKD').toLowerCase()[0]! : char;
  const alike = LOOKALIKES[plain] ?? LOOKALIKES[char.toLowerCase()];
  if (alike !== undefined) return alike.charCodeAt(0);
  return LETTER.test(plain) ? plain.charCodeAt(0) : SEPARATOR;
}

/** Characters without width, and marks that stand on the letter before them. */
const INVISIBLE = /[\p{Cf}\p{M}]/u;
const INVISIBLES = new RegExp(INVISIBLE, 'gu');
/** Not the soft hyphens of typeset text. */
const IN_A_WORD = /[a-z](?!\u00ad)\p{Cf}[a-z]/iu;

export function withoutInvisible(text: string): string {
  return INVISIBLE.test(text) ? text.replace(INVISIBLES, '') : text;
}

/** Somebody hides a word from those who search for it. */
export function hidesLetters(text: string): boolean {
  return IN_A_WORD.test(text);
}
