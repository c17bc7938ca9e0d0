/** Kinds of a mix that are told apart; all after the first seven are one. */
export const KINDS = 8;
/** Callers and providers choose these names; what is kept of them is bounded. */
const MAX_NAME_CHARS = 64;

/** The names of the kinds of a mix, in the order in which they appeared. */
export class KindTable {
  readonly names: string[];

  constructor(saved: readonly string[] = []) {
    this.names = [...saved];
  }

  indexOf(name: string): number {
    const kept = name.length > MAX_NAME_CHARS ? name.slice(0, MAX_NAME_CHARS) : name;
    const known = this.names.indexOf(kept);
    if (known >= 0) return known;
    return this.names.length === KINDS - 1 ? KINDS - 1 : this.names.push(kept) - 1;
  }

  nameOf(index: number): string {
    return this.names[index] ?? 'other';
  }

  toJSON(): readonly string[] {
    return this.names;
  }
}
