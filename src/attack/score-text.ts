import { SIGNALS } from './grammar.ts';
import { Reading, type Source } from './reading.ts';
import { BIAS, WEIGHTS } from './weights.ts';

const BY_NUMBER = Float64Array.from(SIGNALS, (name) => WEIGHTS[name]);

/** How much one text looks like an attack, 0 to 1; 0 where it holds nothing that attacks hold. */
export function scoreText(text: string, source: Source): number {
  const reading = new Reading(text, source);
  if (!reading.isSuspicious) return 0;
  const sum = reading.signals.reduce((total, value, number) => total + value * BY_NUMBER[number]!, BIAS);
  return 1 / (1 + Math.exp(-sum));
}
