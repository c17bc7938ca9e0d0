import type { Chars } from '../../core/units.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { isQuotedSecret } from './assignment-values.ts';
import { contextDetector } from './context.ts';
import { LOWER, sample } from './sample.ts';
import { isNameOfPassword } from './secret-names.ts';

const PASSWORD = sample(LOWER, 7) + '9';
const CHARS = '!#-&(-[]-_a-~';
const VALUE = '[!#-&(-\\[\\]-_a-~]{3,128}';
const LONGEST: Chars = 128;

/** From the table's name to the end of the first row. */
const LONGEST_STATEMENT: Chars = 2048;
const COLUMNS =
  /[ \t\r\n]{1,8}[A-Za-z0-9_.`"[\]]{1,80}[ \t\r\n]{0,8}\(([A-Za-z0-9_`"[\], \t\r\n]{1,1000})\)[ \t\r\n]{0,8}values?[ \t\r\n]{0,8}\(/iy;
/** Up to the quote of one value; group 1 where the value is a string. */
const ITEM =
  /[ \t\r\n]{0,8}(?:(?:[NEBneb]|_utf8mb4|_binary)?'((?:[^'\\\r\n]|''|\\[^\r\n]){0,600})'|[^'",()\r\n]{0,80}(?:\([^'"()\r\n]{0,80}\))?)[ \t\r\n]{0,8}/y;
const OPENS_ITEM = /['(]/;
const COMMA = 0x2c;

/** A value by the place of its column's name in the list of columns. */
function matchInsert(text: string, _at: number, after: number, final: boolean): Verdict {
  const window = text.slice(after, after + LONGEST_STATEMENT);
  const isOpen = !final && window.length < LONGEST_STATEMENT;
  COLUMNS.lastIndex = 0;
  const columns = COLUMNS.exec(window)?.[1]?.split(',');
  if (columns === undefined) return isOpen && STATEMENT_BEGUN.test(window) ? pending(text.length) : null;
  const place = columns.findIndex((column) => isNameOfPassword(column.replaceAll(/[^A-Za-z0-9_]/g, '')));
  if (place < 0) return null;
  const start = itemStart(window, COLUMNS.lastIndex, place);
  if (start < 0) return null;
  const item = itemAt(window, start);
  if (isOpen && isUnfinished(window, ITEM.lastIndex)) return pending(after + start);
  return valueIn(item, after + start);
}

/** All of it may go on as what is looked for. */
const STATEMENT_BEGUN =
  /^[ \t\r\n]{0,8}[A-Za-z0-9_.`"[\]]{0,80}(?:[ \t\r\n]{0,8}(?:\([A-Za-z0-9_`"[\], \t\r\n]{0,1000}(?:\)[ \t\r\n]{0,8}[valuesVALUES]{0,6}[ \t\r\n]{0,8})?)?)?$/;

/** Where the item at this place begins; its text may have ended before, and then that is where the text ends. */
function itemStart(text: string, from: number, place: number): number {
  let at = from;
  for (let passed = 0; passed < place; passed++) {
    itemAt(text, at);
    at = ITEM.lastIndex;
    if (isUnfinished(text, at)) return text.length;
    if (text.charCodeAt(at) !== COMMA) return -1;
    at++;
  }
  return at;
}

/** Ends at the `lastIndex` of its expression. */
function itemAt(text: string, at: number): RegExpExecArray {
  ITEM.lastIndex = at;
  return ITEM.exec(text)!;
}

/** The text ends in an item, or in a string of it that has no end. */
function isUnfinished(text: string, end: number): boolean {
  return end >= text.length || OPENS_ITEM.test(text.charAt(end));
}

function valueIn(item: RegExpExecArray, at: number): Verdict {
  const value = item[1];
  if (value === undefined || !isQuotedSecret('password', value, false)) return null;
  const start = at + item[0].lastIndexOf(`'${value}'`) + 1;
  return match(start, start + value.length);
}

/** Passwords in statements of SQL. */
export const SQL_PASSWORDS: readonly Detector[] = [
  {
    id: 'secret.sql_insert',
    category: 'secrets',
    description: 'Password among the values of a row that is inserted, by the name of its column',
    source: 'https://www.postgresql.org/docs/current/sql-insert.html',
    keywords: [],
    names: ['insert into', 'replace into', 'insert ignore into'],
    begins: 'after',
    trigger: 'keyword',
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: (text, after) => after === text.length || text.slice(after, after + LONGEST_STATEMENT).includes('('),
    match: matchInsert,
    canonical: (value) => value,
    examples: [
      { text: `INSERT INTO users (name, password) VALUES ('bob', '${PASSWORD}');`, value: PASSWORD },
      { text: "insert into `users`(`id`, `pwd`, `at`) values (1, '" + PASSWORD + "', now())", value: PASSWORD },
      { text: `INSERT INTO users (at, passwd) VALUES (now(), N'${PASSWORD}')`, value: PASSWORD },
    ],
    nearMisses: [
      "INSERT INTO users (name, password) VALUES ('bob', ?);",
      "INSERT INTO users (name, mail) VALUES ('bob', 'password');",
      "INSERT INTO users (name, password) VALUES ('winter9', crypt($1, $2));",
    ],
  },
  contextDetector({
    id: 'secret.sql_cipher',
    description: 'Key of an encrypted database or column in SQL',
    source: 'https://www.zetetic.net/sqlcipher/sqlcipher-api/#PRAGMA_key',
    names: ['pragma key', 'pragma rekey', 'pragma hexkey'],
    lead: '[ \\t]{0,2}(?:=|\\()[ \\t]{0,2}["\']',
    longestLead: 6,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    accepts: (value) => isQuotedSecret('password', value, false),
    examples: [{ text: `PRAGMA key = '${PASSWORD}';`, value: PASSWORD }],
    nearMisses: ["PRAGMA key = '<key>';", 'PRAGMA key = ?'],
  }),
  contextDetector({
    id: 'secret.sql_cipher_call',
    description: 'Password among the arguments of a function of SQL that encrypts',
    source: 'https://www.postgresql.org/docs/current/pgcrypto.html',
    names: ['pgp_sym_encrypt(', 'pgp_sym_decrypt(', 'aes_encrypt(', 'aes_decrypt('],
    lead: `(?:'[^'\\r\\n]{0,100}'|[A-Za-z0-9_.:@$\`"]{1,100}),[ \\t]{0,4}'`,
    longestLead: 108,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    accepts: (value) => isQuotedSecret('password', value, true),
    examples: [{ text: `SELECT pgp_sym_decrypt(body, '${PASSWORD}') FROM a`, value: PASSWORD }],
    nearMisses: ['SELECT aes_decrypt(body, :key)', "SELECT pgp_sym_decrypt(body, '<password>')"],
  }),
  contextDetector({
    id: 'secret.sql_attached',
    description: 'Key of an attached database in SQL',
    source: 'https://www.zetetic.net/sqlcipher/sqlcipher-api/#attach',
    names: [' key '],
    before: /\battach database [^\r\n;]{1,110}$/i,
    lead: '["\']',
    longestLead: 1,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    accepts: (value) => isQuotedSecret('password', value, false),
    examples: [{ text: `ATTACH DATABASE 'b.db' AS b KEY '${PASSWORD}';`, value: PASSWORD }],
    nearMisses: ["ATTACH DATABASE 'b.db' AS b KEY '';", "the key 'winter9' is taken"],
  }),
  contextDetector({
    id: 'secret.sql_connect',
    description: 'Password in a CONNECT command of SQL*Plus',
    source: 'https://docs.oracle.com/en/database/oracle/oracle-database/19/sqpug/CONNECT.html',
    names: ['connect '],
    before: /(?:^|[\r\n;"'`(=\uffff]|SQL> ?)[ \t]{0,8}$/,
    lead: '[A-Za-z0-9_$#]{1,64}/["\']?',
    longestLead: 66,
    chars: '!-?A-~',
    value: '[!#-&(-.0-?A-\\[\\]-~]{3,64}',
    longest: 64,
    following: /["']?@[A-Za-z0-9_/.]/y,
    longestFollowing: 4,
    accepts: (value) => isQuotedSecret('password', value, false),
    examples: [{ text: `CONNECT app/${PASSWORD}@orcl`, value: PASSWORD }],
    nearMisses: ['connect / as sysdba', 'CONNECT app/&password@orcl'],
  }),
];
