/** A character never becomes more than this; what would, stays as it is. */
export const LONGEST_FOLD = 4;

/** Pairs: a character, and the ASCII one that it is taken for. */
const LETTERS =
  // Cyrillic
  'аaеeоoрpсcуyхxкkіiѕsјjһhԁdԛqԝwѵvӏlАAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԚQԜWѴV' +
  // Greek
  'αaοoνvρpιiκkυuχxϳjΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX' +
  // Armenian and Latin letters
  'օoսuհhոnıiɑaɡgɩiʋv';
const SIGNS = "−-⁃-﹘-・.·.․.‧.∙.⋅.。.｡.‘'’'‚'‛'′'ʹ'ʼ'ʻ'“\"”\"„\"‟\"″\"‶\"⁄/∕/⧸/∶:ː:꞉:⁚:꓿=᐀=⹀=";

/** Characters in front of a code point, in pairs of one character each; all are of the basic plane. */
function pairs(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i < text.length; i += 2) map.set(text[i]!, text[i + 1]!);
  return map;
}

const LOOKALIKES = pairs(LETTERS + SIGNS);
/** Invisible: joiners, marks of direction, soft hyphens, variation selectors, tags. */
const INVISIBLE = /^[\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;
/** Accents that combine with letters of any script. Marks of one script are letters of its words and stay. */
const ACCENT = /^[\p{Mn}\p{Me}]$/u;
const ANY_SCRIPT = /^\p{Script=Inherited}$/u;
const DIGIT = /^\p{Nd}$/u;
const SPACE = /^\p{Zs}$/u;
const LINE_END = /^[\p{Zl}\p{Zp}]$/u;
const DASH = /^\p{Pd}$/u;

/**
 * What a character outside ASCII is taken for: ASCII text where it looks like that, nothing where it cannot be seen,
 * itself otherwise.
 * @source https://www.unicode.org/reports/tr39/ and https://www.unicode.org/reports/tr15/ (NFKC)
 */
export function foldOf(char: string): string {
  const lookalike = LOOKALIKES.get(char);
  if (lookalike !== undefined) return lookalike;
  if (INVISIBLE.test(char) || (ACCENT.test(char) && ANY_SCRIPT.test(char))) return '';
  if (DASH.test(char)) return '-';
  if (SPACE.test(char)) return ' ';
  if (LINE_END.test(char)) return '\n';
  const compatible = char.normalize('NFKC');
  if (compatible !== char) return asAscii(compatible) ?? char;
  return DIGIT.test(char) ? String(digitOf(char)) : char;
}

/** Null where it is none, or too long. */
function asAscii(text: string): string | null {
  let ascii = '';
  for (const char of text) ascii += char < '\x80' ? char : foldOf(char);
  return ascii.length <= LONGEST_FOLD && /^[\x20-\x7e]*$/.test(ascii) ? ascii : null;
}

/** Decimal digits come in rows from zero to nine. */
function digitOf(char: string): number {
  const code = char.codePointAt(0)!;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return before % 10;
}
