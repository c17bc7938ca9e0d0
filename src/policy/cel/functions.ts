import type { Closure } from './closure.ts';
import { compilePattern } from './environment.ts';

type Texts = (a: string, b: string) => unknown;

const TEXT_METHODS: Readonly<Record<string, Texts>> = {
  startsWith: (a, b) => a.startsWith(b),
  endsWith: (a, b) => a.endsWith(b),
  contains: (a, b) => a.includes(b),
  indexOf: (a, b) => a.indexOf(b),
};

const PLAIN_METHODS: Readonly<Record<string, (text: string) => unknown>> = {
  lowerAscii: (text) => text.toLowerCase(),
  upperAscii: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
};

type Argument = (index: number) => Closure;

/** @param types of the receiver and the arguments. @returns null where only the library knows the method */
export function compileMethod(name: string, types: readonly string[], argument: Argument): Closure | null {
  if (name === 'size' && types.length === 1) return sizeOf(types[0]!, argument(0));
  if (types.some((type) => type !== 'string')) return null;
  const text = argument(0) as Closure<string>;
  const plain = types.length === 1 ? PLAIN_METHODS[name] : undefined;
  if (plain !== undefined) return (facts) => plain(text(facts));
  if (types.length !== 2) return null;
  const other = argument(1) as Closure<string>;
  if (name === 'matches') return matches(text, other);
  const both = TEXT_METHODS[name];
  return both === undefined ? null : (facts) => both(text(facts), other(facts));
}

/** Patterns are written out: whatever is asked of them, the answer is the text of the pattern. */
function matches(text: Closure<string>, pattern: Closure<string>): Closure<boolean> {
  const compiled = compilePattern(pattern(undefined as never));
  return (facts) => compiled.test(text(facts));
}

/** @returns null where only the library knows the function */
export function compileCall(name: string, types: readonly string[], argument: Argument): Closure | null {
  const [type] = types;
  if (types.length !== 1 || type === undefined) return null;
  if (name === 'size') return sizeOf(type, argument(0));
  if (name === type) return argument(0);
  const convert = CONVERSIONS[`${name}(${type})`];
  if (convert === undefined) return null;
  const value = argument(0) as Closure<never>;
  return (facts) => convert(value(facts));
}

/** What they do not know for certain they throw, and the library decides. */
const CONVERSIONS: Readonly<Record<string, (value: never) => unknown>> = {
  'string(int)': (value: number) => String(value),
  'string(bool)': (value: boolean) => String(value),
  'int(string)': (value: string) => Number(matching(value, /^-?\d{1,15}$/)),
  'int(double)': (value: number) => {
    if (!Number.isSafeInteger(Math.trunc(value))) throw new RangeError('a whole number beyond 2^53');
    return Math.trunc(value);
  },
  // Not the value itself: a whole number has no negative zero.
  'double(int)': (value: number) => value + 0,
  'double(string)': (value: string) => Number(matching(value, /^-?\d{1,15}(?:\.\d{1,15})?$/)),
};

function matching(text: string, form: RegExp): string {
  if (!form.test(text)) throw new TypeError('not a plain number');
  return text;
}

function sizeOf(type: string, value: Closure): Closure<number> | null {
  if (type === 'string') return (facts) => codePoints(value(facts) as string);
  if (type.startsWith('list<')) return (facts) => (value(facts) as readonly unknown[]).length;
  if (type.startsWith('map<')) return (facts) => (value(facts) as ReadonlyMap<string, unknown>).size;
  return null;
}

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count++;
  return count;
}
