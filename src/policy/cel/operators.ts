import type { Closure } from './closure.ts';

type Make = (left: Closure<never>, right: Closure<never>) => Closure;

/** Of two values of one type, or of numbers. */
export const COMPARISONS: Readonly<Record<string, Make>> = {
  '==': (left, right) => (facts) => left(facts) === right(facts),
  '!=': (left, right) => (facts) => left(facts) !== right(facts),
  '<': (left, right) => (facts) => left(facts) < right(facts),
  '<=': (left, right) => (facts) => left(facts) <= right(facts),
  '>': (left, right) => (facts) => left(facts) > right(facts),
  '>=': (left, right) => (facts) => left(facts) >= right(facts),
};

/** By the type of both sides. Whole numbers that would be inexact are left to the library, as what CEL refuses. */
export const ARITHMETIC: Readonly<Record<string, Make>> = {
  'int +': numbers((a, b) => exact(a + b)),
  'int -': numbers((a, b) => exact(a - b)),
  'int *': numbers((a, b) => exact(a * b)),
  'int /': numbers((a, b) => exact(Math.trunc(a / b))),
  'int %': numbers((a, b) => exact(a % b)),
  'double +': numbers((a, b) => a + b),
  'double -': numbers((a, b) => a - b),
  'double *': numbers((a, b) => a * b),
  'double /': numbers((a, b) => a / b),
  'string +': (left: Closure<string>, right: Closure<string>) => (facts) => left(facts) + right(facts),
};

function numbers(combine: (a: number, b: number) => number): Make {
  return (left: Closure<number>, right: Closure<number>) => (facts) => combine(left(facts), right(facts));
}

/** Also refuses what a division by zero makes. */
function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError('a whole number beyond 2^53');
  return value;
}

export function negated(operand: Closure<number>): Closure<number> {
  return (facts) => -operand(facts);
}
