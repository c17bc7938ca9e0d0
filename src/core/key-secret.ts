import { hash, randomInt } from 'node:crypto';

const START = 'sk-sluice-';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 256 bits. */
const LENGTH = 43;
/** Of them shown: what is left is far beyond guessing. */
const SHOWN = 4;
const FORM = /^sk-sluice-[A-Za-z0-9]{43}$/;

/** The secret of a stored key, shown once to whoever asked for it. */
export function createSecret(): string {
  return START + Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Whether it may be the secret of a stored key. The form is public: that other texts are not looked up tells nothing. */
export function hasSecretForm(text: string): boolean {
  return text.length === START.length + LENGTH && FORM.test(text);
}

/** `sk-sluice-ab12…` */
export function secretPrefix(secret: string): string {
  return `${secret.slice(0, START.length + SHOWN)}…`;
}

/** Keyed hashes of secrets: without the key of the store they cannot be tried against guesses. */
export class KeyDigest {
  /** 32 secret bytes in hex: exactly one block of SHA-256. */
  private readonly firstBlock: string;

  /** @param hashKey 32 secret bytes, the same for all gateways of a store */
  constructor(hashKey: Buffer) {
    this.firstBlock = hashKey.toString('hex');
  }

  of(secret: string): string {
    return this.ofHash(hash('sha256', secret));
  }

  /**
   * SHA-256 with the secret key as its first block. A plain prefix is enough here: what is hashed after it has one
   * length, so a longer text, for which somebody could extend a digest, is never asked for. `createHmac` makes a key
   * object at each call and takes ten times as long.
   * @param secretHash SHA-256 of the secret in UTF-8, hex
   */
  ofHash(secretHash: string): string {
    return hash('sha256', this.firstBlock + secretHash);
  }
}
