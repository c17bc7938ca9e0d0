import type { Redactor } from '../src/core/redaction.ts';
import { DETECTORS } from '../src/redact/detectors/registry.ts';
import { ADVERSARIAL_UNITS } from './redact-texts.ts';

const SCREENED_SIZE = 20_000;
const SCREENED_CALLS = 3;
const SHOWN = 10;

interface Worst {
  /** Whose text it is. */
  readonly name: string;
  readonly unit: string;
}

/** The dearest text of each rule, by a few calls. */
export interface Screened extends Worst {
  readonly micros: number;
}

/** The texts that cost most among many: what each rule looks for, begun again and again or nearly whole. */
export function worstTexts(redactor: Redactor): { worst: Worst[]; screened: Screened[] } {
  const candidates = [
    ...ADVERSARIAL_UNITS.map((unit) => ({ name: JSON.stringify(unit), unit })),
    ...DETECTORS.flatMap(({ id, keywords, names = [], examples }) => {
      const [keyword = 'A1'] = [...keywords, ...names];
      const almost = examples[0]!.text.slice(0, -2);
      return [keyword, `${keyword}1.`, `${keyword}${'a1B2'.repeat(10)}`, almost].map((unit) => ({ name: id, unit }));
    }),
  ];
  const costs = candidates.map((worst) => ({ ...worst, micros: fastest(redactor, worst.unit) }));
  const sorted = costs.sort((a, b) => b.micros - a.micros);
  const screened = sorted.filter(({ name }, at) => sorted.findIndex((other) => other.name === name) === at);
  return { worst: screened.slice(0, SHOWN), screened };
}

/** Of a few calls: to tell which are measured. */
function fastest(redactor: Redactor, unit: string): number {
  const text = repeated(unit, SCREENED_SIZE);
  const times = Array.from({ length: SCREENED_CALLS }, () => {
    const startedAt = performance.now();
    redactor.redactText(text, 'request');
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

export function repeated(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length));
}
