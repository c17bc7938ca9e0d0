import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { NextPlace } from '../last-text.ts';
import { readLink, readValue } from './assigned-value.ts';
import type { Link } from './assigned-value.ts';
import { bareEnd, LONGEST_VALUE, quotedEnd, trimmedEnd } from './assignment-ends.ts';
import { LOOKAHEAD } from './assignment-surroundings.ts';
import { isBareSecret, isPhraseSecret, isProseSecret, isQuotedSecret } from './assignment-values.ts';
import { kindOfForeignName, PLAIN_NAMES, WIDE_NAMES } from './foreign-names.ts';
import { BASE62, LOWER, sample } from './sample.ts';

/** Any rule that knows the value itself knows more. */
const FOREIGN_RANK = 0;
/** Brackets and stars around a name. */
const CLOSERS = /[」』】》»”"'`*)\]]{0,3}/y;
/** Of scripts without blanks: what makes the name the subject of a sentence; 是 and the like say `is`. */
const PARTICLE = /(?:は|이|가|는|은|是|为|為|就是)(?=[^\p{L}\p{M}]|[A-Za-z0-9])/uy;
/** All that there is. */
const PARTICLE_BEGUN = /^(?:は|이|가|는|은|是|为|為|就是?)?$/u;
const LONGEST_PARTICLE: Chars = 3;
/** `is`, in many languages, and a dash in the place of it. */
const VERBS = new Set(
  '- этo ist lautet es est é è is jest je är er on είναι είvai هي هو היא है là adalah olarak 是 为 為 は'.split(' '),
);
const FIRST_WORD = /[^\s:=,;"'`\uffff]{1,64}/y;
const LONGEST_WORD: Chars = 64;
/** More words before what assigns: `clave de acceso:`, `пароль (временный):`. */
const MORE_WORDS = /(?:[ _-][\p{L}\p{M}']{1,20}){0,4}(?: ?\([\p{L}\p{M} '-]{1,24}\))?/uy;
const MORE_CHARS = /[\p{L}\p{M}'()_ -]{1,128}/uy;
const LONGEST_MORE: Chars = 128;
const COLONS = new NextPlace(':');
const EQUALS = new NextPlace('=');
const ENDS_WORD = new CharSet(' \t\r\n:=,;."\'');
const LONGEST_NEXT: Chars = 24;
const LONGEST_VERB: Chars = 7;
const MOST_WORDS = 5;
const LETTER = /^[\p{L}\p{M}\p{N}_]/u;
const ASSIGNS = /^[ \t]{0,4}[:=]/;
const BLANKS = /^[ \t]{0,3}$/;
const LONGEST_BLANK: Chars = 4;

function matchForeign(text: string, at: number, after: number, final: boolean): Verdict {
  if (isPartOfWord(text.charCodeAt(after))) return null;
  const from = endOf(CLOSERS, text, after);
  if (!final && PARTICLE_BEGUN.test(text.slice(from, from + LONGEST_PARTICLE))) return pending(text.length);
  const link = linkFrom(text, from, final);
  if (link === null) return null;
  if (typeof link === 'number') return pending(link);
  return valueOf(text, at, after, link, final);
}

/** A small letter, Latin or Cyrillic: the name is the beginning of a longer word, and often of a common one. */
function isPartOfWord(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x430 && code <= 0x52f);
}

/** As `readLink`. */
function linkFrom(text: string, from: number, final: boolean): Link | number | null {
  const particle = endOf(PARTICLE, text, from);
  if (particle > from) return readValue(text, particle, 'verb', final);
  let at = from;
  while (at - from < LONGEST_BLANK && text.charCodeAt(at) === SPACE) at++;
  if (at >= text.length) return final ? null : text.length;
  return at > from ? behindBlank(text, from, at, final) : tightly(text, from, final);
}

const SPACE = 0x20;

function tightly(text: string, from: number, final: boolean): Link | number | null {
  if (text.charCodeAt(from) === OPENING) return behindWords(text, from, final);
  if (OPENING_QUOTES.test(text.charAt(from))) return readValue(text, from, 'colon', final);
  return LETTER.test(text.charAt(from)) ? null : readLink(text, from, final);
}

const OPENING = 0x28;
const OPENING_QUOTES = /^[「『【《]/;

function behindBlank(text: string, from: number, at: number, final: boolean): Link | number | null {
  const end = endOf(FIRST_WORD, text, at);
  if (end === at) return readLink(text, from, final);
  if (end === text.length && !final && end - at < LONGEST_WORD) return at;
  const word = text.slice(at, Math.min(end, at + LONGEST_WORD));
  if (isVerb(word)) return readValue(text, text.charCodeAt(end) === COLON ? end + 1 : end, 'verb', final);
  if (isProseSecret(word)) return { tie: 'space', start: at, quote: 0, escapes: 0, isTight: false };
  return behindWords(text, from, final);
}

const COLON = 0x3a;

function behindWords(text: string, from: number, final: boolean): Link | number | null {
  const verb = verbEnd(text, from);
  if (verb >= 0) return readValue(text, verb, 'verb', final);
  const limit = from + LONGEST_MORE;
  const isOpen = !final && text.length < limit;
  if (!isOpen && !COLONS.isIn(text, from, limit) && !EQUALS.isIn(text, from, limit)) return null;
  const window = text.slice(from, limit);
  if (isOpen && endOf(MORE_CHARS, window, 0) === window.length) return text.length;
  const end = from + endOf(MORE_WORDS, window, 0);
  if (!final && BLANKS.test(text.slice(end, end + LONGEST_BLANK))) return text.length;
  if (!ASSIGNS.test(text.slice(end, end + LONGEST_BLANK + 1))) return null;
  const link = readLink(text, end, final);
  return link === null || typeof link === 'number' || end === from ? link : { ...link, tie: 'verb' };
}

function isVerb(word: string): boolean {
  return word.length <= LONGEST_VERB && VERBS.has(word.toLowerCase());
}

/** Behind the verb of `contraseña del servidor es …`; -1 for none. */
function verbEnd(text: string, from: number): number {
  let at = from;
  for (let words = 0; words < MOST_WORDS && text.charCodeAt(at) === SPACE; words++) {
    const end = wordEnd(text, at + 1);
    if (end === text.length || end - at > LONGEST_NEXT) return -1;
    if (isVerb(text.slice(at + 1, end))) return text.charCodeAt(end) === COLON ? end + 1 : end;
    at = end;
  }
  return -1;
}

function wordEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < LONGEST_NEXT && !ENDS_WORD.has(text.charCodeAt(end))) end++;
  return end;
}

/** Where a sticky expression ends that begins at `from`; `from` where it does not match. */
function endOf(sticky: RegExp, text: string, from: number): number {
  sticky.lastIndex = from;
  return sticky.test(text) ? sticky.lastIndex : from;
}

function valueOf(text: string, at: number, after: number, link: Link, final: boolean): Verdict {
  const { start, quote } = link;
  const end = quote === 0 ? bareEnd(text, start) : quotedEnd(text, link);
  if (end < 0 || end === start + LONGEST_VALUE) return null;
  if (!final && end + LOOKAHEAD >= text.length) return pending(start);
  const kind = kindOfForeignName(text.slice(at, after));
  const name = { kind, start: at, end: after, isLast: true };
  const stop = quote === 0 ? trimmedEnd(text, name, link, end) : end;
  const value = text.slice(start, stop).trim();
  const from = text.indexOf(value, start);
  return isSecret(kind, value, link) ? match(from, from + value.length) : null;
}

/** Names in these languages are hardly those of code, so what stands behind them is no expression. */
function isSecret(kind: 'password' | 'key', value: string, { tie, quote }: Link): boolean {
  const isAssigned = tie === 'equals' || tie === 'colon';
  if (quote !== 0 && value.includes(' ')) return isAssigned && kind === 'password' && isPhraseSecret(value, false);
  if (quote !== 0) return isQuotedSecret(kind, value, !isAssigned);
  if (isAssigned) return isBareSecret(kind, value, { ...LINE, isColon: tie === 'colon' });
  return tie !== 'compared' && isProseSecret(value) && (kind === 'password' || value.length >= SHORTEST_KEY);
}

const SHORTEST_KEY: Chars = 12;
const LINE = { isEnv: false, isLine: true, isProperty: false, isQuery: false, isColon: true, isConfiguration: false };

/** A text that ends with the name is a member's, whose value is judged behind it; escapes may stand for anything. */
function isPlausible(text: string, after: number): boolean {
  if (isPartOfWord(text.charCodeAt(after))) return false;
  const from = endOf(CLOSERS, text, after);
  if (from === text.length || text.charCodeAt(from) === EDGE_CODE) return true;
  return text.slice(from, from + LONGEST_MORE).includes('\\') || hasValue(text, from);
}

function hasValue(text: string, from: number): boolean {
  const link = linkFrom(text, from, true);
  return link !== null && typeof link !== 'number' && KINDS.some((kind) => isValue(text, kind, link));
}

const KINDS = ['password', 'key'] as const;

function isValue(text: string, kind: 'password' | 'key', link: Link): boolean {
  const { start, quote } = link;
  const end = quote === 0 ? bareEnd(text, start) : quotedEnd(text, link);
  if (end < 0) return false;
  const name = { kind, start, end: start, isLast: true };
  return isSecret(kind, text.slice(start, quote === 0 ? trimmedEnd(text, name, link, end) : end).trim(), link);
}

const WORD = `${sample(LOWER, 7)}9`;
const TOKEN = sample(BASE62, 24);

export const FOREIGN_ASSIGNMENTS: readonly Detector[] = [
  {
    id: 'secret.foreign_assignment',
    category: 'secrets',
    description: 'Password, token or key, by a name in another language than English',
    source: 'https://cwe.mitre.org/data/definitions/798.html',
    keywords: WIDE_NAMES,
    names: PLAIN_NAMES,
    begins: 'after',
    trigger: 'keyword',
    rank: FOREIGN_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: isPlausible,
    match: matchForeign,
    canonical: (value) => value,
    examples: [
      { text: `Пароль: ${WORD}`, value: WORD },
      { text: `логин bob, пароль ${WORD}, спасибо`, value: WORD },
      { text: `Пароль от почты: ${WORD}`, value: WORD },
      { text: `мой пароль — ${WORD}.`, value: WORD },
      { text: `ключ доступа: ${TOKEN}`, value: TOKEN },
      { text: `密码：${WORD}`, value: WORD },
      { text: `我的密码是${WORD}，请保密`, value: WORD },
      { text: `【密钥】：${TOKEN}`, value: TOKEN },
      { text: `パスワード：「${WORD}」`, value: WORD },
      { text: `パスワードは${WORD}です`, value: WORD },
      { text: `비밀번호는 ${WORD}입니다`, value: WORD },
      { text: `비밀번호: ${WORD}`, value: WORD },
      { text: `Κωδικός πρόσβασης: ${WORD}`, value: WORD },
      { text: `كلمة المرور: ${WORD}`, value: WORD },
      { text: `הסיסמה: ${WORD}`, value: WORD },
      { text: `पासवर्ड: ${WORD}`, value: WORD },
      { text: `Şifre: ${WORD}`, value: WORD },
      { text: `hasło = "${WORD}"`, value: WORD },
      { text: `mật khẩu: ${WORD}`, value: WORD },
      { text: `La contraseña actual es ${WORD}`, value: WORD },
      { text: `Mot de passe administrateur : ${WORD}`, value: WORD },
      { text: `Zugangsschlüssel: ${TOKEN}`, value: TOKEN },
      { text: `clé d’API : ${TOKEN}`, value: TOKEN },
      { text: `clave secreta: ${TOKEN}`, value: TOKEN },
    ],
    nearMisses: [
      '{"password": "Пароль", "token": "密钥", "пароль": "Введите"}',
      'Пароль: не менее 8 символов',
      '密码：请输入6-20位字符',
      '密码强度：8 位以上',
      'パスワードを入力してください（8文字以上）',
      '비밀번호를 입력하세요: 8자 이상',
      'Le mot de passe : au moins 12 caractères',
      'Ключ к успеху: работа',
      'La clave: trabajar',
      'пароль: ${DB_PASSWORD}',
      'пароль: ********',
    ],
  },
];
