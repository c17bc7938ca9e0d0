import type { Chars } from '../../core/units.ts';
import type { Example } from '../detector.ts';
import { isMixed, UUID } from './shapes.ts';

/** How a keyed value looks; spread into its rule. */
interface ValueShape {
  readonly chars: string;
  readonly value: string;
  readonly longest: Chars;
}

interface CheckedShape extends ValueShape {
  readonly accepts: (value: string) => boolean;
}

/** So many hexadecimal digits. */
export function hexValue(length: Chars): ValueShape {
  return { chars: 'A-Fa-f0-9', value: `[A-Fa-f0-9]{${length}}`, longest: length };
}

/** So many letters and digits, of both kinds: words are not. */
export function alnumValue(length: Chars): CheckedShape {
  return { chars: 'A-Za-z0-9', value: `[A-Za-z0-9]{${length}}`, longest: length, accepts: isMixed };
}

/** As `alnumValue`, also with `_` and `-`. */
export function base64UrlValue(least: Chars, most: Chars = least): CheckedShape {
  return {
    chars: 'A-Za-z0-9_-',
    value: `[A-Za-z0-9_-]{${least},${most}}`,
    longest: most,
    accepts: isMixed,
  };
}

export const UUID_VALUE: ValueShape = { chars: 'A-Fa-f0-9-', value: UUID, longest: 36 };

/** An example of a keyed rule: the value behind a name. */
export function assigned(name: string, value: string): Example {
  return { text: name + value, value };
}
