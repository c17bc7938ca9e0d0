import type { Redactor } from '../../src/core/redaction.ts';
import type { Detector } from '../../src/redact/detector.ts';
import { RecordingLog } from './support.ts';

/** What is found in a text of units, at the end of it: else all of the text may be clean at a glance. */
const FOUND = ` ${'ghp_' + 'A1b2'.repeat(9)} `;
/** Longer than all windows. */
const LONG_ENOUGH = 8_000;
/** Four would be quadratic. */
export const MOST_GROWTH = 2.6;

/** What the rules may read of a text: patched, because only so is a search through all of it seen. */
export function countReads(run: () => void): number {
  const { charCodeAt, indexOf, lastIndexOf } = String.prototype;
  let reads = 0;
  const patch = (name: 'charCodeAt' | 'indexOf' | 'lastIndexOf', value: unknown): void =>
    // eslint-disable-next-line no-extend-native -- put back below
    void Object.defineProperty(String.prototype, name, { value, configurable: true, writable: true });
  patch('charCodeAt', function (this: string, at: number) {
    reads++;
    return charCodeAt.call(this, at);
  });
  patch('indexOf', function (this: string, part: string, from = 0) {
    const found = indexOf.call(this, part, from);
    reads += (found < 0 ? this.length : found) - Math.min(from, this.length);
    return found;
  });
  patch('lastIndexOf', function (this: string, part: string, from = this.length) {
    const found = lastIndexOf.call(this, part, from);
    reads += Math.min(from, this.length) - Math.max(found, 0);
    return found;
  });
  try {
    run();
  } finally {
    patch('charCodeAt', charCodeAt);
    patch('indexOf', indexOf);
    patch('lastIndexOf', lastIndexOf);
  }
  return reads;
}

/** Beginnings of a match without end, each right behind the last, almost-matches, and whole ones. */
export function hostileUnits({ keywords, names = [], examples }: Detector): string[] {
  const [keyword = 'A1'] = [...keywords, ...names];
  const text = examples[0]!.text.slice(0, 400);
  const almost = text.slice(0, (text.length * 3) >> 2);
  return [
    keyword,
    `${keyword}${'a1B2'.repeat(10)}`,
    almost,
    `${keyword}1.`,
    `a${keyword}`,
    `${keyword}1 `,
    `${keyword} = `,
    `${almost}\n`,
    `${text} `,
  ];
}

/** Of whole units and of whole groups of base64: what the one text passes for, the one of twice the length does as well. */
function repeated(unit: string, length: number): string {
  return unit.repeat(4 * Math.ceil(length / unit.length / 4));
}

type Growth = (redactor: Redactor, unit: string, length: number) => number;

/** The rest of a text of twice as many units may be read more often only by what a window holds. */
export const growth: Growth = (redactor, unit, length) => {
  const text = repeated(unit, length);
  const reads = (input: string): number => countReads(() => void redactor.redactText(input, 'request'));
  const alone = reads(text + text) / reads(text);
  return Math.max(alone, reads(text + text + FOUND) / reads(text + FOUND));
};

export const streamedGrowth: Growth = (redactor, unit, length) => {
  const text = repeated(unit, length);
  const reads = (input: string): number =>
    countReads(() => {
      const stream = redactor.openText('response', new RecordingLog(), () => '');
      for (const char of input) stream.push(char);
      stream.finish(false);
    });
  return reads(text + text) / reads(text);
};

/**
 * Units of whose texts twice as many cost far more than twice as much, with the factor. What a rule waits for fills up
 * first: what looks quadratic in a short text is measured in a long one.
 */
export function tooMuch(
  redactor: Redactor,
  units: readonly string[],
  length: number,
  growthOf: Growth,
): [unit: string, times: number][] {
  return units
    .filter((unit) => growthOf(redactor, unit, length) > MOST_GROWTH)
    .map((unit): [string, number] => [unit, growthOf(redactor, unit, LONG_ENOUGH)])
    .filter(([, times]) => times > MOST_GROWTH);
}
