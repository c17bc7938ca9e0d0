import type { Chars } from '../../core/units.ts';
import type { Detector } from '../detector.ts';
import { isRandomText, isReference } from './assignment-values.ts';
import { contextDetector, QUOTE } from './context.ts';
import { BASE62, LOWER, sample } from './sample.ts';

const PASSWORD = sample(LOWER, 7) + '9';
/** An argument without quotes: no white space, no quote, no end of a command. */
const CHARS = '!#-&(-:<-[]-_a-{}~';
const VALUE = '[!#%&(-,./0-:=?@A-Z\\[\\]^_a-z{}~][!#-&(-:=?@A-Z\\[\\]^_a-{}~-]{2,127}';
const LONGEST: Chars = 128;
const IDENTIFIED = ['identified by', 'identified with'];

function isValue(value: string): boolean {
  return (
    !isReference(value) &&
    !/^(?:(?:my|your|the|some)?[-_]?(?:pass(?:word|wd)?|secret|token|pwd)|file|stdin|string|env|prompt)$/i.test(value)
  );
}

/** The rule of one option of some programs. */
function option(
  spec: Pick<
    Parameters<typeof contextDetector>[0],
    'id' | 'description' | 'source' | 'keywords' | 'names' | 'examples' | 'nearMisses'
  > & {
    readonly before?: RegExp;
    readonly lead: string;
    readonly longestLead: Chars;
    readonly accepts?: (value: string) => boolean;
  },
): Detector {
  return contextDetector({ chars: CHARS, value: VALUE, longest: LONGEST, accepts: isValue, ...spec });
}

/** Passwords given to programs as arguments. */
export const COMMAND_LINES: readonly Detector[] = [
  option({
    id: 'secret.curl_user',
    description: 'Password given to curl or a like program',
    source: 'https://curl.se/docs/manpage.html#-u',
    keywords: [' -u', ' --user', ' --proxy-user', ' -U', ' -a', ' --auth'],
    before: /(?<![\w.-])(?:curl|https?|wget|lftp|ab|siege)(?:\.exe)?(?![\w.:-])[^\r\n|;]{0,110}$/,
    lead: `[ =]{0,2}${QUOTE}?[A-Za-z0-9_.@+%-]{0,64}:`,
    longestLead: 72,
    // What stands before the colon of a URL is no user.
    accepts: (value) => isValue(value) && !value.startsWith('//'),
    examples: [
      { text: `curl -u bob:${PASSWORD} https://example.com`, value: PASSWORD },
      { text: `http -a bob:${PASSWORD} example.com`, value: PASSWORD },
      { text: `curl -s --user "bob:${PASSWORD}" https://example.com`, value: PASSWORD },
    ],
    nearMisses: [
      'curl -u bob https://example.com',
      'curl -u $USER:$PASS https://example.com',
      'pino-http-send -u http://localhost:8080/logs',
      'curl -u http://localhost:8080/logs',
    ],
  }),
  option({
    id: 'secret.mysql_option',
    description: 'Password given to a MySQL program',
    source: 'https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html',
    keywords: [' -p'],
    before:
      /(?<![\w.-])(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mariadb|mycli)(?:\.exe)?(?![\w.-])[^\r\n|;]{0,100}$/,
    lead: `${QUOTE}?`,
    longestLead: 4,
    examples: [{ text: `mysql -u root -p${PASSWORD} shop`, value: PASSWORD }],
    nearMisses: ['mysql -u root -p shop', 'mysql -u root -p$PASS shop'],
  }),
  option({
    id: 'secret.password_option',
    description: 'Password in the short option of a program',
    source: 'https://cwe.mitre.org/data/definitions/214.html',
    keywords: [' -p', ' -a', ' -w', ' -P'],
    before:
      /(?<![\w.-])(?:sshpass|redis-cli|ldap(?:search|modify|add|delete|whoami)|docker login|podman login|helm registry login|mongo(?:sh|dump|restore)?|unzip|zip|7z|rar|unrar|az login|cqlsh|plink|pscp|sqlcmd|osql|isql|bcp|rdesktop|psexec|mosquitto_(?:pub|sub)|user(?:mod|add)|beeline|snowsql|crackmapexec|netexec|nxc|evil-winrm|ldap(?:passwd|compare)|ncftp(?:put|get))(?:\.exe)?(?![\w.-])[^\r\n|;]{0,80}$/,
    lead: ` {0,2}${QUOTE}?`,
    longestLead: 6,
    accepts: (value) => isValue(value) && !/^(?:[0-9]{1,5}|ort|assword|rint)$|\.(?:zip|7z|jar|pem|key)$/.test(value),
    examples: [
      { text: `sshpass -p ${PASSWORD} ssh bob@host`, value: PASSWORD },
      { text: `sshpass -p '${PASSWORD}' ssh bob@host`, value: PASSWORD },
      { text: `sqlcmd -S db -U sa -P ${PASSWORD}`, value: PASSWORD },
      { text: `redis-cli -h cache -a ${PASSWORD} ping`, value: PASSWORD },
    ],
    nearMisses: ['redis-cli -h cache -p 6379', 'sshpass -p "$PASSWORD" ssh bob@host', 'docker login -p -'],
  }),
  option({
    id: 'secret.key_store_option',
    description: 'Password of a key or key store in the option of a program',
    source: 'https://docs.openssl.org/3.5/man1/openssl-passphrase-options/',
    keywords: [' -passin', ' -passout', ' -pass', ' -storepass', ' -keypass', ' -srcstorepass', ' -deststorepass'],
    lead: ` {1,2}${QUOTE}?(?:pass:)?`,
    longestLead: 11,
    accepts: (value) => isValue(value) && !/^(?:env|file|fd|stdin|pass)\b|^[a-z]{1,4}$/.test(value),
    examples: [
      { text: `openssl rsa -in key.pem -passin pass:${PASSWORD}`, value: PASSWORD },
      { text: `keytool -list -storepass ${PASSWORD}`, value: PASSWORD },
    ],
    nearMisses: ['openssl rsa -passin env:SECRET', 'openssl rsa -passin file:secret.txt', 'keytool -storepass $PASS'],
  }),
  option({
    id: 'secret.long_password_option',
    description: 'Password in the long option of a program',
    source: 'https://cwe.mitre.org/data/definitions/214.html',
    keywords: [
      '--password',
      '--passwd',
      '--pass',
      '--passphrase',
      '-password',
      '--pwd',
      '--db-password',
      '--admin-password',
    ],
    lead: `(?:=| {1,2})${QUOTE}?`,
    longestLead: 7,
    accepts: (value) => isValue(value) && !/^(?:[a-z]+|[A-Z_]+)$/.test(value),
    examples: [
      { text: `app login --password ${PASSWORD}`, value: PASSWORD },
      { text: `app login --password='${PASSWORD}'`, value: PASSWORD },
    ],
    nearMisses: ['--password is required', '--password-stdin', '--password <password>', '--password $PASSWORD'],
  }),
  option({
    id: 'secret.token_option',
    description: 'Token or key in the option of a program',
    source: 'https://cwe.mitre.org/data/definitions/214.html',
    keywords: [
      '-token',
      '-secret',
      '-api-key',
      '-apikey',
      '-access-key',
      '-secret-key',
      '-auth-key',
      '-api_key',
      '-key',
    ],
    before: /(?:^|[\s"'`\uffff])--?(?:[a-z]+-){0,3}[a-z]*$/,
    lead: `(?:=| {1,2})${QUOTE}?`,
    longestLead: 7,
    accepts: isRandomText,
    examples: [{ text: `deploy --token ${sample(BASE62, 24)}`, value: sample(BASE62, 24) }],
    nearMisses: ['deploy --token <token>', 'deploy --token $TOKEN', 'kubectl --token-auth-file tokens1.csv'],
  }),
  option({
    id: 'secret.sql_password',
    description: 'Password of a database user in SQL',
    source: 'https://dev.mysql.com/doc/refman/8.4/en/create-user.html',
    names: IDENTIFIED,
    lead: `(?: [a-z0-9_]{1,32} (?:by|BY|as|AS))?[ \\t]{1,4}(?:PASSWORD |password )?\\\\{0,3}['"]`,
    longestLead: 60,
    examples: [{ text: `CREATE USER app IDENTIFIED BY '${PASSWORD}';`, value: PASSWORD }],
    nearMisses: ["IDENTIFIED BY '${password}'", 'a header identified by `name`', "IDENTIFIED BY '<password>'"],
  }),
  option({
    id: 'secret.sql_bare_password',
    description: 'Password of a database user in SQL, without quotes',
    source: 'https://docs.oracle.com/en/database/oracle/oracle-database/19/sqlrf/CREATE-USER.html',
    names: IDENTIFIED,
    lead: '[ \\t]{1,4}',
    longestLead: 4,
    accepts: (value) => isValue(value) && /[0-9]/.test(value) && !/^[0-9]/.test(value),
    examples: [{ text: `alter user app identified by ${PASSWORD};`, value: PASSWORD }],
    nearMisses: ['rows are identified by their id', 'IDENTIFIED BY $PASS1'],
  }),
];
