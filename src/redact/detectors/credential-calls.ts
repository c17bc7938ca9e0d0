import type { Chars } from '../../core/units.ts';
import type { Detector } from '../detector.ts';
import { isRandomText, isReference } from './assignment-values.ts';
import { contextDetector, QUOTE, QUOTE_CHARS } from './context.ts';
import { BASE62, LOWER, sample } from './sample.ts';

const PASSWORD = sample(LOWER, 7) + '9';
const TOKEN = sample(BASE62, 24);
const CHARS = '!#-&(-[]-_a-~';
const VALUE = '[!#-&(-\\[\\]-_a-~]{3,128}';
const LONGEST: Chars = 128;
const SPACE = '[ \\t\\r\\n]{0,8}';
const STRING_PREFIX = '[bfru@]?';

function isPassword(value: string): boolean {
  return !isReference(value) && !/^(?:password|passwd|pass|pwd|username|user|[a-z]+_[a-z_]+)$/i.test(value);
}

/** Passwords and keys known by their place among the arguments of a call or command. */
export const CREDENTIAL_CALLS: readonly Detector[] = [
  contextDetector({
    id: 'secret.login_call',
    description: 'Password beside a user name among the arguments of a call',
    source: 'https://cwe.mitre.org/data/definitions/798.html',
    keywords: [
      'BasicAuth(',
      'auth=(',
      'auth = (',
      'DigestAuth(',
      'NetworkCredential(',
      'PSCredential(',
      'Credentials(',
      'basic_auth(',
      'basicAuth(',
      'SetBasicAuth(',
      '.login(',
      'PasswordAuthentication(',
      'PlainAuth("", ',
    ],
    lead: `${SPACE}${STRING_PREFIX}(?:"[^"'\\r\\n]{1,64}"|'[^"'\\r\\n]{1,64}'|[A-Za-z_.]{1,40}),${SPACE}${STRING_PREFIX}${QUOTE}`,
    longestLead: 92,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    behind: QUOTE_CHARS,
    accepts: isPassword,
    examples: [
      { text: `requests.get(url, auth=('bob', '${PASSWORD}'))`, value: PASSWORD },
      { text: `new NetworkCredential("bob", "${PASSWORD}")`, value: PASSWORD },
      { text: `smtp.login(user, "${PASSWORD}")`, value: PASSWORD },
    ],
    nearMisses: ["auth=('user', 'password')", 'client.login("bob", password)', "auth=('bob', '<password>')"],
  }),
  contextDetector({
    id: 'secret.database_call',
    description: 'Password of a database connection among the arguments of a call',
    source: 'https://docs.oracle.com/en/java/javase/21/docs/api/java.sql/java/sql/DriverManager.html',
    keywords: [
      'getConnection(',
      'mysqli_connect(',
      'mysql_connect(',
      'new mysqli(',
      'new PDO(',
      'pg_connect(',
      'ftp_login(',
    ],
    lead: `${SPACE}(?:"[^"'\\r\\n]{1,100}"|'[^"'\\r\\n]{1,100}'|[$A-Za-z_.]{1,40}),${SPACE}(?:"[^"'\\r\\n]{1,64}"|'[^"'\\r\\n]{1,64}'|[$A-Za-z_.]{1,40}),${SPACE}["']`,
    longestLead: 197,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    behind: QUOTE_CHARS,
    accepts: isPassword,
    examples: [{ text: `DriverManager.getConnection(url, "root", "${PASSWORD}")`, value: PASSWORD }],
    nearMisses: ['DriverManager.getConnection(url, "root", password)', "mysqli_connect('db', 'root', '$pass')"],
  }),
  contextDetector({
    id: 'secret.secure_string',
    description: 'Plain text of a PowerShell secure string',
    source: 'https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/convertto-securestring',
    names: ['convertto-securestring'],
    lead: `(?: {1,2}-(?:String|AsPlainText|Force|string|asplaintext|force)){0,3} {1,2}["']`,
    longestLead: 48,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    behind: QUOTE_CHARS,
    accepts: isPassword,
    examples: [{ text: `ConvertTo-SecureString "${PASSWORD}" -AsPlainText -Force`, value: PASSWORD }],
    nearMisses: ['ConvertTo-SecureString "$password" -AsPlainText', 'ConvertTo-SecureString $env:PASSWORD'],
  }),
  contextDetector({
    id: 'secret.signing_call',
    description: 'Key among the arguments of a call that signs or verifies',
    source: 'https://nodejs.org/api/crypto.html#cryptocreatehmacalgorithm-key-options',
    keywords: ['createHmac(', 'jwt.sign(', 'jwt.verify(', 'jwt.encode(', 'jwt.decode(', 'hmac.new(', 'hash_hmac('],
    lead: `${SPACE}(?:["'][A-Za-z0-9-]{1,20}["']|[A-Za-z0-9_.$]{1,60}|\\{[^{}"'\\r\\n]{0,60}\\}),${SPACE}${STRING_PREFIX}["']`,
    longestLead: 84,
    chars: CHARS,
    value: '[!#-&(-\\[\\]-_a-~]{8,128}',
    longest: LONGEST,
    behind: QUOTE_CHARS,
    accepts: isRandomText,
    examples: [
      { text: `createHmac('sha256', '${TOKEN}')`, value: TOKEN },
      { text: `jwt.sign(payload, "${TOKEN}")`, value: TOKEN },
    ],
    nearMisses: ["createHmac('sha256', secret)", 'jwt.sign(payload, "RS256-algorithm")'],
  }),
  contextDetector({
    id: 'secret.piped_password',
    description: 'Password piped into a program',
    source: 'https://docs.docker.com/reference/cli/docker/login/#password-stdin',
    keywords: ['echo '],
    lead: `(?:-n )?["']?`,
    longestLead: 4,
    chars: CHARS,
    value: VALUE,
    longest: LONGEST,
    following: /["']? {0,2}\| {0,2}(?:sudo -S|(?:docker|podman|helm|oras|crane)[a-z ]{0,12} login |su |passwd )/y,
    longestFollowing: 40,
    accepts: isPassword,
    examples: [
      { text: `echo "${PASSWORD}" | sudo -S ls`, value: PASSWORD },
      { text: `echo ${PASSWORD} | docker login -u bob --password-stdin`, value: PASSWORD },
    ],
    nearMisses: ['echo $PASSWORD | sudo -S ls', 'echo done | tee log'],
  }),
  contextDetector({
    id: 'secret.network_device',
    description: 'Password or community in the configuration of a network device',
    source:
      'https://www.cisco.com/c/en/us/td/docs/ios-xml/ios/sec_usr_cfg/configuration/15-mt/sec-usr-cfg-15-mt-book.html',
    keywords: [
      'snmp-server community',
      'password 0',
      'password 5',
      'password 7',
      'secret 0',
      'secret 5',
      'secret 8',
      'secret 9',
      'key 7',
    ],
    before: /(?:^|[\s"'`(=\uffff])$/,
    lead: ' {1,2}',
    longestLead: 2,
    chars: CHARS,
    value: '[!#-&(-\\[\\]-_a-~]{4,128}',
    longest: LONGEST,
    accepts: (value) => !isReference(value) && (/[0-9]/.test(value) || value.length > 12) && /[a-zA-Z]/.test(value),
    examples: [
      { text: `snmp-server community ${PASSWORD} RO`, value: PASSWORD },
      { text: `username bob password 7 ${PASSWORD}`, value: PASSWORD },
    ],
    nearMisses: ['snmp-server community <name>', 'the password 0 is weak', 'no secret 5 is here'],
  }),
  contextDetector({
    id: 'secret.net_use',
    description: 'Password of a Windows share or account in a command',
    source:
      'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/gg651155(v=ws.11)',
    names: ['/user:', 'net user '],
    before: /(?:^|\bnet(?:\.exe)? use [^\r\n]{0,80}|[\s"'`(=\uffff])$/i,
    lead: '[A-Za-z0-9_.\\\\@-]{1,64} {1,2}["\']?',
    longestLead: 67,
    chars: CHARS,
    value: '[!#-&(-.0-\\[\\]-_a-~][!#-&(-\\[\\]-_a-~]{3,127}',
    longest: LONGEST,
    accepts: (value) => isPassword(value) && /[0-9]/.test(value) && /[A-Za-z]/.test(value),
    examples: [
      { text: `net use Z: \\\\host\\share /user:bob ${PASSWORD}`, value: PASSWORD },
      { text: `net use /user:CORP\\bob ${PASSWORD}`, value: PASSWORD },
    ],
    nearMisses: ['net user bob /add', 'runas /user:bob cmd.exe'],
  }),
];
