import type { Signal } from './grammar.ts';

export const BIAS = -4;
export const WEIGHTS: Readonly<Record<Signal, number>> = {} as never;
