import type { RedactionCategory } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';

/** Values and characters kept of one exchange; placeholders beyond stay as they are in its reply. */
const MOST_VALUES = 4_096;
const MOST_CHARS: Chars = 1024 * 1024;

export interface Issued {
  readonly value: string;
  /** It was a number in JSON, without quotes. */
  readonly isNumber: boolean;
  readonly rule: string;
  readonly category: RedactionCategory | 'custom';
}

/** All that a vault holds; for the thread that judges a part of its exchange, and for nobody else. */
export interface VaultContents {
  readonly values: readonly (readonly [placeholder: string, issued: Issued])[];
  readonly quoted: readonly (readonly [placeholder: string, written: string])[];
  readonly sent: readonly string[];
  readonly chars: Chars;
}

/**
 * The values behind the placeholders of one exchange. Private to the exchange and gone with it: never logged, stored or
 * sent, and nothing enumerates or serialises it but `contents`, which stay in the process.
 */
export class Vault {
  readonly #values = new Map<string, Issued>();
  readonly #quoted = new Map<string, string>();
  readonly #sent = new Set<string>();
  #chars: Chars = 0;

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Each spelling of a value has a placeholder of its own. */
  issue(placeholder: string, issued: Issued): void {
    if (this.#values.has(placeholder)) return;
    if (this.#values.size === MOST_VALUES || this.#chars + issued.value.length > MOST_CHARS) return;
    this.#chars += issued.value.length;
    this.#values.set(placeholder, issued);
  }

  issuedAs(placeholder: string): Issued | null {
    return this.#values.get(placeholder) ?? null;
  }

  /** @param written the value as it stood between quotes, with escapes */
  quote(placeholder: string, written: string): void {
    const issued = this.#values.get(placeholder);
    if (issued === undefined || issued.value === written || this.#chars + written.length > MOST_CHARS) return;
    this.#chars += written.length;
    this.#quoted.set(placeholder, written);
  }

  /** The value for a place between quotes. */
  quotedAs(placeholder: string): string | null {
    return this.#quoted.get(placeholder) ?? null;
  }

  /** @param part of the request as it is sent, with placeholders in it: a URL, or what touches a placeholder */
  send(part: string): void {
    if (this.#sent.size < MOST_VALUES) this.#sent.add(part);
  }

  wasSentAs(part: string): boolean {
    return this.#sent.has(part);
  }

  /** With the placeholder of each. */
  forEach(visit: (issued: Issued, placeholder: string) => void): void {
    this.#values.forEach(visit);
  }

  contents(): VaultContents {
    return { values: [...this.#values], quoted: [...this.#quoted], sent: [...this.#sent], chars: this.#chars };
  }

  static holding({ values, quoted, sent, chars }: VaultContents): Vault {
    const vault = new Vault();
    for (const [placeholder, issued] of values) vault.#values.set(placeholder, issued);
    for (const [placeholder, written] of quoted) vault.#quoted.set(placeholder, written);
    for (const part of sent) vault.#sent.add(part);
    vault.#chars = chars;
    return vault;
  }

  toJSON(): string {
    return '[vault]';
  }
}
