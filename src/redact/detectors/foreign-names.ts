import { foldOf } from '../confusables.ts';

/** What passwords are called in the languages of the world; in lower case. */
const PASSWORD_NAMES = [
  // Russian, Ukrainian, Bulgarian, Serbian
  'пароль',
  'пароля',
  'парола',
  'лозинка',
  // Chinese
  '密码',
  '密碼',
  '口令',
  '通行碼',
  // Japanese
  'パスワード',
  'ﾊﾟｽﾜｰﾄﾞ',
  'パスフレーズ',
  '暗証番号',
  // Korean
  '비밀번호',
  '패스워드',
  '암호',
  '비번',
  // Greek
  'κωδικός πρόσβασης',
  'συνθηματικό',
  // Arabic, Persian
  'كلمة المرور',
  'كلمة مرور',
  'كلمة السر',
  'الرقم السري',
  'رمز عبور',
  'گذرواژه',
  // Hebrew
  'סיסמה',
  'סיסמא',
  // Hindi, Bengali, Thai
  'पासवर्ड',
  'कूटशब्द',
  'পাসওয়ার্ড',
  'รหัสผ่าน',
  // Turkish, Polish, Czech and Slovak, Hungarian, Romanian, Vietnamese, Icelandic, Lithuanian
  'şifre',
  'ŞİFRE',
  'şifresi',
  'parola',
  'parolası',
  'hasło',
  'heslo',
  'jelszó',
  'parolă',
  'mật khẩu',
  'lykilorð',
  'slaptažodis',
  // German, French, Spanish, Catalan, Portuguese, Italian, Dutch
  'passwort',
  'kennwort',
  'mot de passe',
  'contraseña',
  'contrasenya',
  'senha',
  'parola chiave',
  'parola d’ordine',
  'wachtwoord',
  // Swedish, Norwegian, Danish, Finnish, Indonesian
  'lösenord',
  'passord',
  'adgangskode',
  'salasana',
  'kata sandi',
];

/** What keys and tokens are called: words with other meanings, too. */
const KEY_NAMES = [
  // Russian and Ukrainian
  'ключ',
  'токен',
  'секрет',
  // Chinese, Japanese, Korean
  '密钥',
  '密鑰',
  '秘钥',
  '私钥',
  '令牌',
  '秘密鍵',
  '秘密キー',
  'アクセスキー',
  'シークレットキー',
  'シークレット',
  'トークン',
  'apiキー',
  '비밀키',
  '비밀 키',
  '액세스 키',
  'api 키',
  '토큰',
  // Greek, Arabic, Hebrew, Hindi
  'κωδικός',
  'κλειδί',
  'المفتاح السري',
  'مفتاح',
  'מפתח',
  'कुंजी',
  // Turkish, Polish, Czech, Vietnamese
  'anahtarı',
  'klucz',
  'klíč',
  'khóa',
  // German, French, Spanish, Portuguese, Italian, Dutch, Swedish
  'schlüssel',
  'geheimnis',
  'clé',
  'jeton',
  'clave',
  'chave',
  'chiave',
  'sleutel',
  'nyckel',
];

type ForeignKind = 'password' | 'key';

/**
 * A name as it is written and then read: words apart by blanks or underscores, accents of their own or combined, and in
 * scripts with capitals three ways.
 */
function readings(name: string): string[] {
  const spellings = [name, name.replaceAll(' ', '_')].flatMap((each) => [each, each.normalize('NFD')]);
  const capitals = spellings.map((each) => each.replace(/^./u, (first) => first.toUpperCase()));
  const all = [...spellings, ...capitals, ...spellings.map((each) => each.toUpperCase())];
  return [...new Set(all.map(folded))];
}

/** As all of a text is read normalised; character by character, because nothing of this is read in a hurry. */
function folded(name: string): string {
  return Array.from(name, (char) => (char < '\x80' ? char : foldOf(char))).join('');
}

const KIND_OF = new Map<string, ForeignKind>([
  ...KEY_NAMES.flatMap(readings).map((text) => [text, 'key'] as const),
  ...PASSWORD_NAMES.flatMap(readings).map((text) => [text, 'password'] as const),
]);

const NON_ASCII = /[^\0-\x7f]/;

/** As they are written in texts that are read normalised. */
export const WIDE_NAMES: readonly string[] = [...KIND_OF.keys()].filter((name) => NON_ASCII.test(name));

/** Shorter ones are parts of many words. */
const SHORTEST_PLAIN = 5;

/** In lower case; found in any. */
export const PLAIN_NAMES: readonly string[] = [
  ...new Set([...KIND_OF.keys()].filter((name) => !NON_ASCII.test(name)).map((name) => name.toLowerCase())),
].filter((name) => name.length >= SHORTEST_PLAIN);

const KIND_OF_PLAIN = new Map([...KIND_OF].map(([name, kind]) => [name.toLowerCase(), kind]));

/** Of a keyword as it is written. */
export function kindOfForeignName(name: string): ForeignKind {
  return KIND_OF.get(name) ?? KIND_OF_PLAIN.get(name.toLowerCase())!;
}
