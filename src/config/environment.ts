/** The variables that `${NAME}` reads, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Of the user; where it is not known, a place in which nothing is. */
export function homeOf({ HOME: home, USERPROFILE: profile }: Environment): string {
  return home || profile || '/nonexistent';
}

interface Expansion {
  readonly text: string;
  /** Variables without a value and without a default. */
  readonly missing: readonly string[];
  /** A `${` that begins no reference. */
  readonly isMalformed: boolean;
}

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

/** `${NAME}`, `${NAME:-default}` (also where NAME is empty, as in a shell) and `$${` for a plain `${`. */
export function expand(text: string, environment: Environment): Expansion {
  const missing: string[] = [];
  let isMalformed = false;
  const expanded = text.replace(REFERENCE, (found, name: string | undefined, fallback: string | undefined) => {
    if (found === '$${') return '${';
    if (name === undefined) {
      isMalformed = true;
      return '';
    }
    const value = environment[name];
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  return { text: expanded, missing, isMalformed };
}
