import { CharSet } from '../char-set.ts';
import type { Detector } from '../detector.ts';
import { rememberingLast } from '../last-text.ts';
import { isReference } from './assignment-values.ts';
import { contextDetector, QUOTE } from './context.ts';
import { hasMoreChars } from './entropy.ts';
import { BASE62, LOWER, sample } from './sample.ts';
import { isStandIn } from './stand-ins.ts';

const AT = new CharSet('@');
const PASSWORD = sample(LOWER, 7) + '9';
const KEYS = ['password', 'pwd'];
const PASSWORD_CHARS = '!-&(-:<-[]-~';

function isValue(value: string): boolean {
  return !isReference(value);
}

/** Passwords in the strings that tell a program which database or service it connects to. */
/** Random text has more different characters than numbers and words in a list of them. */
const WORDS_CHARS = 8;
const isParameter = rememberingLast(
  (value) => /[0-9]/.test(value) && hasMoreChars(value, WORDS_CHARS) && !isReference(value) && !isStandIn(value),
);

export const CONNECTION_STRINGS: readonly Detector[] = [
  contextDetector({
    id: 'secret.connection_string',
    description: 'Password in a connection string of key-value pairs',
    source: 'https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax',
    names: KEYS,
    before: /(?:;|=[^\s=;,()'"]{1,64}[ \t])[ \t]{0,3}$/,
    lead: `[ \\t]{0,2}=[ \\t]{0,2}(?:${QUOTE}|\\{)?`,
    longestLead: 12,
    chars: PASSWORD_CHARS,
    value: '[!#-&(-:<-[\\]-z|~]{1,128}',
    longest: 128,
    behind: new CharSet(';\'"}`\\'),
    accepts: isValue,
    examples: [
      { text: `Server=db;User Id=sa;Password=${PASSWORD};Encrypt=true`, value: PASSWORD },
      { text: `"DRIVER={ODBC};SERVER=db;UID=sa;PWD=${PASSWORD}"`, value: PASSWORD },
      { text: `'host=localhost user=app password=${PASSWORD}'`, value: PASSWORD },
    ],
    nearMisses: ['Server=db;Password=${PASSWORD};', 'Server=db;Password={0};', 'Server=db;Pwd=***;'],
  }),
  contextDetector({
    id: 'secret.connection_string_start',
    description: 'Password at the beginning of a connection string',
    source: 'https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax',
    names: KEYS,
    lead: '[ \\t]{0,2}=[ \\t]{0,2}',
    longestLead: 5,
    chars: PASSWORD_CHARS + ';',
    value: '[!#-&*-:<-[\\]-z|~]{1,128}',
    longest: 128,
    following: /;[ \t]{0,2}[A-Za-z][A-Za-z _]{1,40}=[^=]/y,
    longestFollowing: 46,
    accepts: isValue,
    examples: [{ text: `Password=${PASSWORD};User ID=sa;Server=db`, value: PASSWORD }],
    nearMisses: ['Password=$PASSWORD;User ID=sa', 'password=get(x); user = 1'],
  }),
  contextDetector({
    id: 'secret.oracle_logon',
    description: 'Password in an Oracle logon: user/password@host',
    source: 'https://docs.oracle.com/en/database/oracle/oracle-database/19/sqpug/starting-SQL-Plus.html',
    keywords: ['jdbc:oracle:thin:', 'jdbc:oracle:oci:', 'sqlplus ', 'sqlldr ', 'expdp ', 'impdp ', 'rman target '],
    lead: `(?:-[A-Za-z]{1,8} ){0,3}(?:userid=)?${QUOTE}?[A-Za-z0-9_$#]{1,64}/${QUOTE}?`,
    longestLead: 116,
    chars: '!-.0-?A-~',
    value: '[!#-&(-.0-?A-\\[\\]-~]{1,64}',
    longest: 64,
    behind: AT,
    accepts: isValue,
    examples: [
      { text: `jdbc:oracle:thin:app/${PASSWORD}@//db:1521/orcl`, value: PASSWORD },
      { text: `sqlplus -s app/${PASSWORD}@orcl`, value: PASSWORD },
    ],
    nearMisses: ['jdbc:oracle:thin:@//db:1521/orcl', 'sqlplus /nolog', 'jdbc:oracle:thin:app/${PASSWORD}@db'],
  }),
  contextDetector({
    id: 'secret.pgpass',
    description: 'Password in a PostgreSQL password file',
    source: 'https://www.postgresql.org/docs/current/libpq-pgpass.html',
    keywords: [':5432:', ':5433:', ':5439:', ':6432:', ':6543:', ':26257:', ':*:*:'],
    before: /(?:^|[\s"'`=(\uffff])[A-Za-z0-9_.*-]{1,64}$/,
    lead: '(?:[A-Za-z0-9_*-]{1,64}:){1,2}',
    longestLead: 130,
    chars: '!-9;-~',
    value: '[!#-&(-9;-\\[\\]-_a-~]{4,64}',
    longest: 64,
    accepts: isValue,
    examples: [{ text: `db.example.com:5432:shop:app:${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['localhost:5432: connection refused', 'db:5432:shop'],
  }),
  contextDetector({
    id: 'secret.netrc',
    description: 'Password in a .netrc file',
    source: 'https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html',
    keywords: ['password', 'passwd'],
    before:
      /(?:machine\s{1,4}\S{1,50}\s{1,8}|default\s{1,8}|(?:^|\n)[ \t]{0,8})(?:login|user|account)\s{1,8}\S{1,50}\s{1,8}$/,
    lead: '[ \\t]{1,8}',
    longestLead: 8,
    chars: '!-~',
    value: '[!#-&(-\\[\\]-_a-~]{3,128}',
    longest: 128,
    accepts: isValue,
    examples: [{ text: `machine git.example.com login bob password ${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['the login form password field', 'machine a login b password $SECRET'],
  }),
  contextDetector({
    id: 'secret.url_parameter',
    description: 'Key, token or signature among the parameters of a URL',
    source: 'https://www.rfc-editor.org/rfc/rfc6750#section-2.3',
    names: [
      'key=',
      'token=',
      'secret=',
      'auth=',
      'sig=',
      'signature=',
      'code=',
      'session=',
      'sid=',
      'jwt=',
      'appid=',
      'credential=',
    ],
    before: /[?&#;][A-Za-z0-9_.%-]{0,24}$/,
    lead: '',
    longestLead: 0,
    chars: 'A-Za-z0-9_.~%+/=-',
    value: '[A-Za-z0-9_.~%+/=-]{16,1024}',
    longest: 1024,
    open: true,
    accepts: isParameter,
    examples: [
      { text: `https://api.example.com/v1?key=${sample(BASE62, 32)}&q=1`, value: sample(BASE62, 32) },
      {
        text: `https://x.example.net/c?v=2&signature=${sample(BASE62, 43)}%3D`,
        value: sample(BASE62, 43) + '%3D',
      },
    ],
    nearMisses: ['https://example.com/?key=name&q=1', 'https://example.com/?token=YOUR_TOKEN', 'a?key=value'],
  }),
];
