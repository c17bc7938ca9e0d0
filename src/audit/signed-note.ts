import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

/** Ed25519. @source https://c2sp.org/signed-note#signature-types */
const ED25519 = Buffer.of(1);
/** What stands before the 32 bytes of a key in DER. @source RFC 8410, 10.3 and 4 */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** Checks the signatures of one key. */
export class NoteVerifier {
  readonly name: string;
  /** `NAME+ID+KEY`, as it is given to others. @source https://c2sp.org/signed-note#verifier-keys */
  readonly text: string;
  readonly id: Buffer;
  private readonly key: KeyObject;

  constructor(name: string, publicKey: Buffer) {
    this.name = name;
    this.key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, publicKey]), format: 'der', type: 'spki' });
    const typed = Buffer.concat([ED25519, publicKey]);
    this.id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), typed]), 'buffer').subarray(0, 4);
    this.text = `${name}+${this.id.toString('hex')}+${typed.toString('base64')}`;
  }

  /** @throws Error where the text is no key of this form */
  static parse(text: string): NoteVerifier {
    const [, name = '', , key = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
    const typed = Buffer.from(key, 'base64');
    if (typed.length !== 1 + KEY_BYTES || typed[0] !== 1) throw new Error('it is not NAME+ID+KEY of an Ed25519 key');
    const verifier = new NoteVerifier(name, typed.subarray(1));
    if (verifier.text !== text) throw new Error('its id is not that of its name and key');
    return verifier;
  }

  /** The text that this key has signed; null: it has not. Signatures of other keys are left alone. */
  open(note: string): string | null {
    const end = note.lastIndexOf('\n\n');
    if (end < 0 || !note.endsWith('\n')) return null;
    const text = note.slice(0, end + 1);
    const lines = note.slice(end + 2, -1).split('\n');
    return lines.some((line) => this.hasSigned(text, line)) ? text : null;
  }

  private hasSigned(text: string, line: string): boolean {
    const [, name, encoded = ''] = SIGNATURE.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    // One form only: nothing of a note can be changed without its being noticed.
    if (name !== this.name || bytes.toString('base64') !== encoded || !bytes.subarray(0, 4).equals(this.id))
      return false;
    return verify(null, Buffer.from(text, 'utf8'), this.key, bytes.subarray(4));
  }
}

export class NoteSigner {
  readonly verifier: NoteVerifier;
  private readonly key: KeyObject;

  /** @param seed the 32 bytes of the private key. @param prefix of the name, which ends with a part of the public key's hash */
  constructor(seed: Uint8Array, prefix: string) {
    this.key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(this.key).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
    const part = hash('sha256', publicKey).slice(0, 16);
    this.verifier = new NoteVerifier(`${prefix}/${part}`, publicKey);
  }

  /** @param text ends with a line break and has no empty line */
  sign(text: string): string {
    const signature = sign(null, Buffer.from(text, 'utf8'), this.key);
    const encoded = Buffer.concat([this.verifier.id, signature]).toString('base64');
    return `${text}\n\u2014 ${this.verifier.name} ${encoded}\n`;
  }
}
