import { afterEach, describe, expect, it, vi } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Redactor } from '../../src/core/redaction.ts';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { Replacements } from '../../src/redact/replacement.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const KEY = ['PRIVATE', 'KEY'].join(' ');
const UNITS = [
  'eyJ.',
  `eyJ${'a'.repeat(30)}.x.y.`,
  'sk-1',
  'ghp_.',
  'xoxb-123-',
  '4111 ',
  'DE89 ',
  'a@b.',
  '://a:b',
  ':AA',
  `-----BEGIN ${KEY}-----\nabc`,
  'AccountKey=',
];

/** How often rules look at a text, and how much of it their results cover. */
function countLooks(run: () => void): number {
  const spies = DETECTORS.map((detector) => vi.spyOn(detector, 'match'));
  run();
  return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}

afterEach(() => {
  vi.restoreAllMocks();
});

const masking = createRedactor(allActions('mask'), SECRET);

describe.each(UNITS)('a text of many %j', (unit) => {
  it('costs twice the work where it is twice as long', () => {
    const looks = (length: number): number => countLooks(() => void masking.redactText(unit.repeat(length), 'request'));
    const once = looks(2000);
    vi.restoreAllMocks();
    expect(looks(4000)).toBeLessThanOrEqual(2 * once + 10);
  });

  it('costs each character a bounded number of looks where it streams one by one', () => {
    const text = unit.repeat(Math.ceil(3000 / unit.length));
    const events = text.split('').map((content) => eventOf({ choices: [{ index: 0, delta: { content } }] }));
    const looks = countLooks(() => void runStream(masking, 'chat', events, new RecordingLog()));
    expect(looks).toBeLessThan(8 * text.length);
  });
});

/** What the rules may read of a text: patched, because only so is a search through all of it seen. */
function countReads(run: () => void): number {
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

const CUSTOM = { id: 'custom.word', pattern: 'TCK-[0-9]{1,4}', request: 'mask', response: 'mask' } as const;
const FOUND = ` ${'ghp_' + 'A1b2'.repeat(9)} `;
const LENGTH = 1_000;
const STREAMED_LENGTH = 250;
/** Longer than all windows. */
const LONG_ENOUGH = 8_000;
/** A stream costs more to follow than a text: the first of the units. */
const STREAMED_UNITS = 3;
/** Four would be quadratic. */
const MOST_GROWTH = 2.6;
/** The engine of custom rules works in another way on short texts. */
const CUSTOM_LENGTH = 30_000;

/** Of whole units: where texts end alike, both are clean at first sight or neither is. */
function repeated(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length));
}

/** The rest of a text of twice as many units may be read more often only by what a window holds. */
function growth(unit: string, length: number, redactor: Redactor = masking): number {
  const text = repeated(unit, length);
  const reads = (input: string): number => countReads(() => void redactor.redactText(input, 'request'));
  const alone = reads(text + text) / reads(text);
  // With a match at the end, as else a text may be clean at a glance.
  return Math.max(alone, reads(text + text + FOUND) / reads(text + FOUND));
}

function streamedGrowth(unit: string, length: number): number {
  const text = repeated(unit, length);
  const reads = (input: string): number =>
    countReads(() => {
      const stream = masking.openText('response', new RecordingLog(), () => '');
      for (const char of input) stream.push(char);
      stream.finish(false);
    });
  return reads(text + text) / reads(text);
}

/** Beginnings of a match without end, each right behind the last, almost-matches, and whole ones. */
function hostileUnits({ keywords, names = [], examples }: (typeof DETECTORS)[number]): string[] {
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

/** What a rule waits for fills up first: what looks quadratic in a short text is measured in a long one. */
function tooMuch(
  units: readonly string[],
  length: number,
  growthOf: (unit: string, length: number) => number,
): unknown[] {
  return units
    .filter((unit) => growthOf(unit, length) > MOST_GROWTH)
    .map((unit) => [unit, growthOf(unit, LONG_ENOUGH)] as const)
    .filter(([, times]) => times > MOST_GROWTH);
}

describe.each(DETECTORS.map((detector) => [detector.id, detector] as const))('%s', (_id, detector) => {
  const units = hostileUnits(detector);

  it('reads twice as much where there is twice as much of what it may match', () => {
    expect(tooMuch(units, LENGTH, growth)).toEqual([]);
  });

  it('reads twice as much where twice as much of it comes one character at a time', () => {
    expect(tooMuch(units.slice(0, STREAMED_UNITS), STREAMED_LENGTH, streamedGrowth)).toEqual([]);
  });
});

describe('a rule of the configuration', () => {
  it.each(['TCK-12 ', 'TCK-', 'TCK'])('reads twice as much where there is twice as much of %j', (unit) => {
    const redactor = createRedactor(allActions('allow', { rules: [CUSTOM] }), SECRET);
    expect(growth(unit, CUSTOM_LENGTH, redactor)).toBeLessThan(MOST_GROWTH);
  });
});

describe('a document of many findings', () => {
  const many = (count: number): string =>
    JSON.stringify(
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'sk-' + 'a1b2c3d4'.repeat(3)])),
    );

  it('is searched for log probabilities once an object, not once a finding', () => {
    const document = JsonDocument.parse(many(500));
    const members = vi.spyOn(document, 'member');
    createRedactor(allActions('mask'), SECRET).redactDocument(document, 'request', new RecordingLog());
    expect(members.mock.calls.filter(([, key]) => key === 'logprobs')).toHaveLength(1);
  });

  it('costs a bounded number of reads a finding, however long the names around it', () => {
    const reads = (count: number): number => {
      const document = JsonDocument.parse(`{"${'n'.repeat(20_000)}":${many(count)}}`);
      const redactor = createRedactor(allActions('mask'), SECRET);
      return countReads(() => void redactor.redactDocument(document, 'request', new RecordingLog()));
    };
    expect(reads(400) - reads(200)).toBeLessThan(200 * 4000);
  });
});

describe('a value that is found again and again', () => {
  it('is digested once', () => {
    const derive = vi.spyOn(Replacements.prototype as unknown as { derive: () => string }, 'derive');
    const redactor = createRedactor(allActions('placeholder'), SECRET);
    redactor.redactText(`4111${'1111'.repeat(3)} `.repeat(50), 'request');
    expect(derive).toHaveBeenCalledTimes(1);
  });
});
