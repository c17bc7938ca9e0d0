import { afterEach, describe, expect, it, vi } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Detector } from '../../src/redact/detector.ts';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { Replacements } from '../../src/redact/replacement.ts';
import { sampleOf } from '../support/runs.ts';
import { countReads, growth, hostileUnits, MOST_GROWTH, streamedGrowth, tooMuch } from './hostile-texts.ts';
import { allActions, eventOf, inPortions, onlyRule, RecordingLog, runStream, SECRET } from './support.ts';

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

/** How often rules look at a text. Counted and not spied on: spies keep what each call was given. */
function countLooks(run: () => void): number {
  let looks = 0;
  const matches = DETECTORS.map(({ match }) => match);
  const patch = (detector: Detector, value: Detector['match']): void =>
    void Object.defineProperty(detector, 'match', { value, configurable: true, writable: true, enumerable: true });
  for (const [index, detector] of DETECTORS.entries())
    patch(detector, function (this: Detector, ...given) {
      looks++;
      return matches[index]!.apply(this, given);
    });
  try {
    run();
  } finally {
    for (const [index, detector] of DETECTORS.entries()) patch(detector, matches[index]!);
  }
  return looks;
}

afterEach(() => {
  vi.restoreAllMocks();
});

const masking = createRedactor(allActions('mask'), SECRET);

describe.each(UNITS)('a text of many %j', (unit) => {
  it('costs twice the work where it is twice as long', () => {
    const looks = (length: number): number => countLooks(() => void masking.redactText(unit.repeat(length), 'request'));
    const once = looks(2000);
    expect(looks(4000)).toBeLessThanOrEqual(2 * once + 10);
  });

  it('costs each character a bounded number of looks where it streams one by one', () => {
    const text = unit.repeat(Math.ceil(3000 / unit.length));
    const events = text.split('').map((content) => eventOf({ choices: [{ index: 0, delta: { content } }] }));
    const looks = countLooks(() => void runStream(masking, 'chat', events, new RecordingLog()));
    expect(looks).toBeLessThan(8 * text.length);
  });
});

const CUSTOM = { id: 'custom.word', pattern: 'TCK-[0-9]{1,4}', request: 'mask', response: 'mask' } as const;
const LENGTH = 500;
const STREAMED_LENGTH = 250;
/** A stream costs more to follow than a text: the first of the units. */
const STREAMED_UNITS = 3;
/** The engine of custom rules works in another way on short texts. */
const CUSTOM_LENGTH = 30_000;

describe.each(inPortions(sampleOf(DETECTORS)))('the rules %s, each alone', (_name, rules) => {
  const failures = (count: number, length: number, growthOf: typeof growth): unknown[] =>
    rules
      .map((rule) => [rule.id, tooMuch(onlyRule(rule), hostileUnits(rule).slice(0, count), length, growthOf)] as const)
      .filter(([, units]) => units.length > 0);

  it('read twice as much where there is twice as much of what they may match', () => {
    expect(failures(Infinity, LENGTH, growth)).toEqual([]);
  });

  it('read twice as much where twice as much of it comes one character at a time', () => {
    expect(failures(STREAMED_UNITS, STREAMED_LENGTH, streamedGrowth)).toEqual([]);
  });
});

describe('a rule of the configuration', () => {
  it.each(['TCK-12 ', 'TCK-', 'TCK'])('reads twice as much where there is twice as much of %j', (unit) => {
    const redactor = createRedactor(allActions('allow', { rules: [CUSTOM] }), SECRET);
    expect(growth(redactor, unit, CUSTOM_LENGTH)).toBeLessThan(MOST_GROWTH);
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

/** How many elements of lists are asked something, and how many characters are searched for a text. */
function countAsked(run: () => void): number {
  const { some, find } = Array.prototype;
  const { includes } = String.prototype;
  let asked = 0;
  const counting = (original: typeof find) =>
    function (this: unknown[], judge: (...args: unknown[]) => unknown): unknown {
      return original.call(this, (...args) => {
        asked++;
        return judge(...args);
      });
    };
  vi.spyOn(Array.prototype, 'some').mockImplementation(counting(some as unknown as typeof find) as never);
  vi.spyOn(Array.prototype, 'find').mockImplementation(counting(find) as never);
  vi.spyOn(String.prototype, 'includes').mockImplementation(function (this: string, part, at) {
    asked += this.length;
    return includes.call(this, part as string, at);
  });
  run();
  vi.restoreAllMocks();
  return asked;
}

describe('many findings, each of another value', () => {
  const mails = (count: number): string[] => Array.from({ length: count }, (_, i) => `u${i}@mail${i}.com`);
  const WAYS: Readonly<Record<string, (count: number) => string>> = {
    'behind a character that is taken for another one': (count) => `\ufb01 ${mails(count).join(' ')}`,
    'in escapes': (count) => mails(count).join('%2C').replaceAll('@', '%40'),
    'in JSON inside JSON': (count) => JSON.stringify({ text: mails(count).join('\n') }),
  };

  it.each(Object.entries(WAYS))('do not ask each about all others: %s', (_name, textOf) => {
    const asked = (count: number): number => {
      const document = JsonDocument.parse(JSON.stringify({ messages: [{ content: textOf(count) }] }));
      const redactor = createRedactor(allActions('placeholder'), SECRET).forExchange('');
      const log = new RecordingLog();
      const steps = countAsked(() => void redactor.redactDocument(document, 'request', log));
      expect(log.told.length).toBeGreaterThanOrEqual(count);
      return steps;
    };
    expect(asked(600) / asked(300)).toBeLessThan(MOST_GROWTH);
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
