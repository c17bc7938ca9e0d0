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

/** Traditional characters, each before the simplified one that it is read as; those that words of attacks are made of. */
const TRADITIONAL =
  '規规則则統统詞词開开發发顯显譯译記记給给訴诉輸输內内複复復复隱隐無无視视設设從从現现應应對对話话這这執执請请員员運运營营創创' +
  '麼么約约禁禁過过濾滤會会聽听說说寫写與与個个還还們们單单讓让經经條条變变繞绕棄弃開开關关當当總总結结讀读頁页題题為为業业';

const LETTER = /[\p{L}\p{N}]/u;
/** From here on letters are no variants of Latin, Greek or Cyrillic ones; compatibility forms of ASCII come last. */
const VARIANTS_END = 0x2000;
const FULL_WIDTH = 0xff00;
const SURROGATES = 0xd800;

let folded: Uint16Array | null = null;

/** What each code unit is read as: a small letter, itself, or `SEPARATOR`. Made where somebody asks for it first. */
export function foldedCodes(): Uint16Array {
  return (folded ??= foldEverything());
}

export function fold(text: string): string {
  return Array.from({ length: text.length }, (_, i) => String.fromCharCode(foldedCodes()[text.charCodeAt(i)]!)).join(
    '',
  );
}

/** Ideographs and Hangul, which are two thirds of all code units, are themselves. */
const UNIFORM: readonly (readonly [number, number])[] = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
];

function foldEverything(): Uint16Array {
  const codes = new Uint16Array(0x1_0000).fill(SEPARATOR);
  for (const [first, last] of UNIFORM) for (let code = first; code <= last; code++) codes[code] = code;
  for (let code = 0; code < codes.length; code++)
    if (codes[code] === SEPARATOR && (code < SURROGATES || code >= FULL_WIDTH)) codes[code] = foldCode(code);
  for (let i = 0; i < TRADITIONAL.length; i += 2) codes[TRADITIONAL.charCodeAt(i)] = TRADITIONAL.charCodeAt(i + 1);
  return codes;
}

function foldCode(code: number): number {
  const char = String.fromCharCode(code);
  const plain = code < VARIANTS_END || code >= FULL_WIDTH ? char.normalize('NFKD').toLowerCase()[0]! : char;
  const alike = LOOKALIKES[plain] ?? LOOKALIKES[char.toLowerCase()];
  if (alike !== undefined) return alike.charCodeAt(0);
  return LETTER.test(plain) ? plain.charCodeAt(0) : SEPARATOR;
}

/** Characters without width, and marks that stand on the letter before them. Ranges, as properties are slow to test. */
const INVISIBLE_RANGES =
  '\\u00ad\\u0300-\\u036f\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufe00-\\ufe0f\\ufeff';
const INVISIBLE = new RegExp(`[${INVISIBLE_RANGES}]`);
const INVISIBLES = new RegExp(INVISIBLE, 'g');
/** Not the soft hyphens of typeset text. */
const IN_A_WORD = /[a-z](?!\u00ad)\p{Cf}[a-z]/iu;

export function withoutInvisible(text: string): string {
  return INVISIBLE.test(text) ? text.replace(INVISIBLES, '') : text;
}

/** Somebody hides a word from those who search for it. */
export function hidesLetters(text: string): boolean {
  return IN_A_WORD.test(text);
}
