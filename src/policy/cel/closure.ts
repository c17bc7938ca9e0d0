import type { PolicyFacts } from '../facts.ts';

/** @throws where it cannot be told, e.g. a division by zero: the library then says what CEL makes of it */
export type Closure<T = unknown> = (facts: PolicyFacts) => T;
