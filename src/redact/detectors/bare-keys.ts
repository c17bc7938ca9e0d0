import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, startsToken } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict, Walker } from '../detector.ts';
import { BASE62, sample } from './sample.ts';

const DATA = new CharSet('A-Za-z0-9+/=');
/** From its first character on: what tells a key from any other base64. */
const LONGEST_HEAD: Chars = 40;
/** The shortest key, of Ed25519, has more. */
const LEAST_DATA: Chars = 60;
/** Lines of armour have at least as many characters. */
const LEAST_LINE: Chars = 60;
const LONGEST_INDENT: Chars = 24;
const LONGEST_KEYWORD: Chars = 19;
const BACKSLASH = 0x5c;
const WHITE = new CharSet(' \t\r\n');
const LINE_ENDS = new CharSet('nr');

/**
 * The beginnings of private keys as base64, in the order of the rule's keywords: PKCS#1 and PKCS#8 for RSA, PKCS#8 and
 * SEC 1 for elliptic curves, PKCS#8 for Ed25519 and the like, keys encrypted with a password, PKCS#12, OpenSSH, minisign.
 */
const HEADS: readonly RegExp[] = [
  /MII[A-Z][A-Za-z0-9+/]{2}IBAAK[BC]/y,
  /MII[A-Z][A-Za-z0-9+/]{2}IBADANBgkqhkiG9w0BAQEFAASC/y,
  /MIIC[A-Za-z0-9+/]{2}IBAAKBg/y,
  /MIIC[A-Za-z0-9+/]{2}IBADANBgkqhkiG9w0BAQEFAAS/y,
  /MI(?:GHAgEAMBMG|G2AgEAMBAG|HuAgEAMBAG|GTAgEAMBMG|GEAgEAMBAG)/y,
  /M(?:HcCAQEEI|IGkAgEBBD|IHcAgEBBE|HQCAQEEI)/y,
  /MC[4A-Z0-9]CAQAwBQYDK2V/y,
  /MI[A-Z0-9][A-Za-z0-9+/]{2,4}[A-Za-z0-9+/]{0,4}BgkqhkiG9w0BBQ/y,
  /MII[A-Z][A-Za-z0-9+/]{2}(?:IBAzCC|gIBAzCC)/y,
  /b3BlbnNzaC1rZXktdjE/y,
  /RWRTY0Iy/y,
];

/** Base64, and from a full line on to the next one. */
class LinesWalker implements Walker {
  accepted: Chars = 0;
  private seen: Chars = 0;
  private line: Chars = 0;
  private gap: Chars = 0;
  private wasBackslash = false;

  /** @param line characters of the first line that are accepted already */
  constructor(line: Chars) {
    this.line = line;
  }

  next(code: number): boolean {
    this.seen++;
    const isEscape = this.wasBackslash && LINE_ENDS.has(code);
    this.wasBackslash = code === BACKSLASH;
    if (DATA.has(code) && !isEscape) return this.take();
    if (this.line < LEAST_LINE || this.gap >= LONGEST_INDENT) return false;
    this.gap++;
    return isEscape || this.wasBackslash || WHITE.has(code);
  }

  private take(): boolean {
    this.line = this.gap > 0 ? 1 : this.line + 1;
    this.gap = 0;
    this.accepted = this.seen;
    return true;
  }
}

function matchKey(text: string, at: number, _after: number, final: boolean): Verdict {
  if (!startsToken(text, at, ALNUM)) return null;
  const limit = at + LEAST_DATA;
  const end = DATA.runEnd(text, at, limit);
  if (end === text.length && end < limit && !final) return pending(at, DATA, limit);
  if (end < limit || !hasHead(text, at)) return null;
  return match(at, end, new LinesWalker(end - at));
}

function hasHead(text: string, at: number): boolean {
  const head = text.slice(at, at + LONGEST_HEAD);
  return HEADS.some((expression) => {
    expression.lastIndex = 0;
    return expression.test(head);
  });
}

function lines(text: string): string {
  return text.match(/.{1,64}/g)!.join('\n');
}

const BODY = sample(BASE62, 140);
const RSA = `MIIEpA${'IBAAKCAQEA'}${BODY}`;
const PKCS8 = `MIIEvg${'IBADANBgkqhkiG9w0BAQEFAASC'}${BODY}`;
const OPENSSH = `b3BlbnNzaC1r${'ZXktdjEAAAAA'}${BODY}`;

/** Private keys in base64 that have lost the lines around it. */
export const BARE_KEYS: readonly Detector[] = [
  {
    id: 'secret.bare_private_key',
    category: 'secrets',
    description: 'Private key or key store in base64, without armour',
    source: 'https://www.rfc-editor.org/rfc/rfc5958',
    keywords: [
      'MII',
      'MIG',
      'MIH',
      'MHcCAQEEI',
      'MHQCAQEEI',
      'MC4CAQAw',
      'MEcCAQAw',
      'b3BlbnNzaC1rZXktdjE',
      'RWRTY0Iy',
    ],
    begins: 'word',
    trigger: 'keyword',
    rank: 3,
    redactsPartial: false,
    tailStart: null,
    plausible: (text, after) => DATA.runEnd(text, after, after + LEAST_DATA) - after >= LEAST_DATA - LONGEST_KEYWORD,
    match: matchKey,
    canonical: (value) => value,
    examples: [
      { text: RSA },
      { text: `private_key: ${PKCS8}`, value: PKCS8 },
      { text: `my key:\n${lines(OPENSSH)}`, value: lines(OPENSSH) },
      { text: `${lines(PKCS8).replaceAll('\n', '\\n')}` },
      { text: `MHcCAQ${'EEI'}${BODY}` },
      { text: `MC4CAQAwBQYDK2Vw${'BCIEI'}${sample(BASE62, 43)}` },
      { text: `MIIJqQ${'IBAzCCCW8GCSqGSIb3'}${BODY}` },
      { text: `MIIFHDBO${'BgkqhkiG9w0BBQ0w'}${BODY}` },
      { text: `RWRTY0Iy${BODY}` },
    ],
    nearMisses: [
      `MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA${BODY}`,
      `MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa${BODY}`,
      'MIIEvgIBADAN is how PKCS#8 begins',
      `MIIEvg${'IBADANBgkqhkiG9w0BAQEFAASC'}`,
      `x${RSA}`,
    ],
  },
];
