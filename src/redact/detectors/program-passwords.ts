import type { Chars } from '../../core/units.ts';
import { CharSet } from '../char-set.ts';
import type { Detector } from '../detector.ts';
import { isRandomText, isReference } from './assignment-values.ts';
import { contextDetector } from './context.ts';
import { BASE62, LOWER, sample } from './sample.ts';

const PASSWORD = sample(LOWER, 7) + '9';
const TOKEN = sample(BASE62, 24);
/** An argument: no white space, no quote, no end of a command. */
const CHARS = '!#-%*-:=?-[]-_a-{}~';
const VALUE = '[!#-%+,./0-9=?-Z\\[\\]^_a-{}~][!#-%*-:=?-\\[\\]-_a-{}~]{2,127}';
const LONGEST: Chars = 128;
const QUOTE = '["\']?';
const USER = `${QUOTE}[A-Za-z0-9_.@$\\\\/-]{1,64}`;
const PIPED_TO_CHPASSWD = /["']? {0,2}\| {0,2}(?:sudo {1,2}(?:-[A-Za-z]{1,2} {1,2})?)?chpasswd/y;
const FED_TO = /(?:\bsudo [^|;\r\n]{0,20}-S|\bsu\b|\b(?:ch)?passwd\b|--password-stdin|\bcryptsetup\b)[^|;\r\n]{0,60}$/;
const SAMBA =
  /(?<![\w.-])(?:smbclient|rpcclient|smbget|smbcacls|smbcquotas|winexe|wmic|nmblookup|net (?:rpc|ads|rap))(?![\w.-])[^\r\n|;]{0,100}$/;

function isValue(value: string): boolean {
  return (
    !isReference(value) && !/^(?:pass(?:word|wd)?|secret|token|pwd|file|stdin|prompt|newpass(?:word)?)$/i.test(value)
  );
}

/** Stands where a word of prose could stand as well. */
function isMixed(value: string): boolean {
  return isValue(value) && /[0-9]/.test(value) && /[A-Za-z]/.test(value);
}

type Spec = Omit<Parameters<typeof contextDetector>[0], 'chars' | 'value' | 'longest'>;

function argument(spec: Spec): Detector {
  return contextDetector({ chars: CHARS, value: VALUE, longest: LONGEST, accepts: isValue, ...spec });
}

/** Passwords known by their place among the arguments of one program. */
export const PROGRAM_PASSWORDS: readonly Detector[] = [
  argument({
    id: 'secret.chpasswd',
    description: 'Password piped into chpasswd',
    source: 'https://man7.org/linux/man-pages/man8/chpasswd.8.html',
    keywords: ['echo ', 'printf '],
    lead: `(?:-[ne]{1,2} {1,2})?${QUOTE}[A-Za-z0-9_.-]{1,32}:`,
    longestLead: 39,
    following: PIPED_TO_CHPASSWD,
    longestFollowing: 30,
    examples: [
      { text: `echo 'root:${PASSWORD}' | chpasswd`, value: PASSWORD },
      { text: `echo bob:${PASSWORD}|sudo chpasswd`, value: PASSWORD },
    ],
    nearMisses: ['echo "root:$PASSWORD" | chpasswd', 'echo note:chpasswd | tee log'],
  }),
  argument({
    id: 'secret.htpasswd',
    description: 'Password given to htpasswd',
    source: 'https://httpd.apache.org/docs/2.4/programs/htpasswd.html',
    keywords: ['htpasswd -'],
    lead: `(?:[A-Za-z0-9]{0,4}(?:n[A-Za-z0-9]{0,3}b|b[A-Za-z0-9]{0,3}n)[A-Za-z0-9]{0,4} {1,2}|[ac-mo-zA-Z0-9]{0,4}b[a-mo-zA-Z0-9]{0,4} {1,2}[^\\s"']{1,80} {1,2})${USER}["']? {1,2}${QUOTE}`,
    longestLead: 170,
    examples: [
      { text: `htpasswd -b /etc/nginx/users bob ${PASSWORD}`, value: PASSWORD },
      { text: `htpasswd -nbB bob '${PASSWORD}'`, value: PASSWORD },
    ],
    nearMisses: ['htpasswd -c /etc/nginx/users bob', 'htpasswd -b users bob $PASSWORD'],
  }),
  argument({
    id: 'secret.samba_user',
    description: 'Password behind the user in an option of a Samba program',
    source: 'https://www.samba.org/samba/docs/current/man-html/smbclient.1.html',
    keywords: [' -U', ' --user='],
    before: SAMBA,
    lead: `[ =]?${USER}%`,
    longestLead: 67,
    examples: [{ text: `smbclient //server/share -U bob%${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['smbclient //server/share -U bob', 'smbclient //server/share -U bob%$PASSWORD'],
  }),
  argument({
    id: 'secret.rabbitmq_user',
    description: 'Password of a user of RabbitMQ',
    source: 'https://www.rabbitmq.com/docs/man/rabbitmqctl.8',
    keywords: ['add_user ', 'change_password ', 'authenticate_user '],
    before: /\brabbitmqctl [^\r\n|;]{0,80}$/,
    lead: `${USER}["']? {1,2}${QUOTE}`,
    longestLead: 69,
    examples: [{ text: `rabbitmqctl add_user bob ${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['rabbitmqctl add_user bob', 'rabbitmqctl add_user bob "$PASSWORD"', 'call add_user bob and eve'],
  }),
  argument({
    id: 'secret.network_share',
    description: 'Password of a Windows share, before the user',
    source:
      'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/gg651155(v=ws.11)',
    names: ['net use '],
    lead: `(?:[A-Za-z]: {1,2}|\\* {1,2})?${QUOTE}\\\\{2,4}[^\\s"'/]{1,100}["']? {1,2}${QUOTE}`,
    longestLead: 118,
    following: /["']? {1,4}\/(?:user|u|persistent|p|savecred)\b/iy,
    longestFollowing: 17,
    examples: [{ text: `net use Z: \\\\host\\share ${PASSWORD} /user:bob`, value: PASSWORD }],
    nearMisses: ['net use Z: \\\\host\\share /user:bob', 'net use Z: \\\\host\\share %PASSWORD% /user:bob'],
  }),
  argument({
    id: 'secret.cipher_option',
    description: 'Password that openssl derives a key from',
    source: 'https://docs.openssl.org/3.5/man1/openssl-enc/',
    keywords: [' -k ', ' -K '],
    before: /\bopenssl (?:enc|aes|des|camellia|chacha|aria|sm4|rc4)[^\r\n|;]{0,100}$/,
    lead: ` ?${QUOTE}`,
    longestLead: 2,
    examples: [{ text: `openssl enc -aes-256-cbc -k ${PASSWORD} -in a`, value: PASSWORD }],
    nearMisses: ['openssl enc -aes-256-cbc -k $PASSWORD -in a', 'curl -k https://example.com'],
  }),
  argument({
    id: 'secret.remote_desktop',
    description: 'Password given to a remote desktop client',
    source: 'https://github.com/FreeRDP/FreeRDP/wiki/CommandLineInterface',
    keywords: ['/p:', '/gp:'],
    before: /freerdp[^\r\n|;]{0,110}$/,
    lead: QUOTE,
    longestLead: 1,
    examples: [{ text: `xfreerdp /v:host /u:bob /p:${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['xfreerdp /v:host /p:$PASSWORD', 'msbuild /p:Configuration=Release'],
  }),
  argument({
    id: 'secret.lftp_user',
    description: 'Password behind the user in an option of lftp',
    source: 'https://lftp.yar.ru/lftp-man.html',
    keywords: [' -u ', ' user '],
    before: /\blftp\b[^\r\n|;]{0,100}$/,
    lead: `${USER}[, ]${QUOTE}`,
    longestLead: 67,
    accepts: isMixed,
    examples: [{ text: `lftp -u bob,${PASSWORD} sftp://host`, value: PASSWORD }],
    nearMisses: ['lftp -u bob sftp://host', 'lftp -u bob,$PASSWORD sftp://host'],
  }),
  argument({
    id: 'secret.vault_login',
    description: 'Token given to Vault',
    source: 'https://developer.hashicorp.com/vault/docs/commands/login',
    keywords: ['vault login ', 'vault token lookup ', 'vault token renew ', 'vault token revoke '],
    lead: QUOTE,
    longestLead: 1,
    accepts: isRandomText,
    examples: [{ text: `vault login ${TOKEN}`, value: TOKEN }],
    nearMisses: ['vault login -method=userpass', 'vault login $VAULT_TOKEN'],
  }),
  argument({
    id: 'secret.wpa_passphrase',
    description: 'Passphrase of a wireless network given to a program',
    source: 'https://man.archlinux.org/man/wpa_passphrase.8',
    keywords: ['wpa_passphrase '],
    lead: `(?:"[^"\\r\\n]{1,32}"|'[^'\\r\\n]{1,32}'|[^\\s"']{1,32}) {1,2}${QUOTE}`,
    longestLead: 37,
    examples: [{ text: `wpa_passphrase "At home" ${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['wpa_passphrase Home $PASSWORD', 'wpa_passphrase Home <passphrase>'],
  }),
  contextDetector({
    id: 'secret.wifi_code',
    description: 'Password in the code that joins a wireless network',
    source: 'https://github.com/zxing/zxing/wiki/Barcode-Contents#wi-fi-network-config-android-ios-11',
    keywords: ['WIFI:'],
    lead: '(?:[TSHRAE]:[^;\\r\\n]{0,64};){0,4}P:"?',
    longestLead: 271,
    chars: '!#-:<-[]-~\\',
    value: '[!#-:<-~]{3,128}',
    longest: LONGEST,
    behind: new CharSet(';"'),
    accepts: isValue,
    examples: [{ text: `WIFI:T:WPA;S:Home;P:${PASSWORD};;`, value: PASSWORD }],
    nearMisses: ['WIFI:T:nopass;S:Home;;', 'WIFI:T:WPA;S:Home;P:<password>;;'],
  }),
  argument({
    id: 'secret.here_string',
    description: 'Password fed to a program that asks for one',
    source: 'https://www.gnu.org/software/bash/manual/bash.html#Here-Strings',
    keywords: ['<<<'],
    before: FED_TO,
    lead: ` ?${QUOTE}(?:[A-Za-z0-9_.-]{1,32}:)?`,
    longestLead: 35,
    accepts: isMixed,
    examples: [
      { text: `sudo -S ls <<< "${PASSWORD}"`, value: PASSWORD },
      { text: `chpasswd <<< 'bob:${PASSWORD}'`, value: PASSWORD },
    ],
    nearMisses: ['sudo -S ls <<< "$PASSWORD"', 'grep su <<< done', 'read -r a <<< 1st'],
  }),
  argument({
    id: 'secret.kickstart_password',
    description: 'Password of the administrator in an answer file of an installer',
    source: 'https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html#rootpw',
    keywords: ['--plaintext ', 'root-password password ', 'user-password password '],
    lead: QUOTE,
    longestLead: 1,
    examples: [{ text: `rootpw --plaintext ${PASSWORD}`, value: PASSWORD }],
    nearMisses: ['rootpw --plaintext $PASSWORD'],
  }),
  argument({
    id: 'secret.redis_user',
    description: 'Password of a user of Redis',
    source: 'https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/',
    keywords: [' >'],
    before: /\b(?:user|SETUSER|setuser) [A-Za-z0-9_.-]{1,40} [^\r\n"'<>]{0,60}$/,
    lead: '',
    longestLead: 0,
    accepts: isMixed,
    examples: [{ text: `ACL SETUSER bob on >${PASSWORD} ~* +@all`, value: PASSWORD }],
    nearMisses: ['the user bob wrote a >90 file', 'user bob on >$PASSWORD'],
  }),
];
