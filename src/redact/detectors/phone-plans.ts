import metadata from 'libphonenumber-js/min/metadata';

/** What a country's entry begins with: calling code, international prefix, pattern of the numbers behind the code. */
type Plan = readonly [callingCode: string, prefix: string, pattern: string, ...rest: unknown[]];

/** Countries whose numbers are known as they are dialled at home. */
const HOME_COUNTRIES =
  'AT AU BE BR CH CN CZ DE DK ES FI FR GB GR IE IL IN IT JP KR MX NL NO NZ PH PL PT RO SE SG TR US ZA'.split(' ');
const LONGEST_CODE = 3;

/** The numbering plans of all countries, as patterns. */
export class PhonePlans {
  private static loaded: PhonePlans | null = null;
  /** By calling code. */
  private readonly abroad = new Map<string, RegExp>();
  private readonly home: RegExp;

  /** Compiled when first needed: who redacts no phones pays nothing. */
  static get(): PhonePlans {
    return (PhonePlans.loaded ??= new PhonePlans());
  }

  private constructor() {
    const countries = metadata.countries as unknown as Readonly<Record<string, Plan>>;
    const patterns = new Map<string, string[]>();
    for (const [code, , pattern] of Object.values(countries)) {
      const known = patterns.get(code);
      if (known === undefined) patterns.set(code, [pattern]);
      else known.push(pattern);
    }
    for (const [code, all] of patterns) this.abroad.set(code, oneOf(all));
    this.home = oneOf(HOME_COUNTRIES.map((country) => countries[country]![2]));
  }

  /** @param digits behind the plus sign */
  isInternational(digits: string): boolean {
    for (let length = 1; length <= LONGEST_CODE; length++) {
      const pattern = this.abroad.get(digits.slice(0, length));
      if (pattern === undefined) continue;
      const rest = digits.slice(length);
      // Italians keep the zero; others write it in parentheses.
      return pattern.test(rest) || (rest.startsWith('0') && pattern.test(rest.slice(1)));
    }
    return false;
  }

  /** @param digits as dialled in one of the known countries, the zero in front included */
  isNational(digits: string): boolean {
    return this.home.test(digits) || (digits.startsWith('0') && this.home.test(digits.slice(1)));
  }

  isCallingCode(digits: string): boolean {
    return this.abroad.has(digits);
  }
}

function oneOf(patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${[...new Set(patterns)].join('|')})$`);
}
