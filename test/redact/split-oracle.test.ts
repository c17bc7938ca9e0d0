import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Redactor } from '../../src/core/redaction.ts';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { runsOf, sampleOf } from '../support/runs.ts';
import { asArguments, cut, SHAPES, streamed, type LaneShape } from './lane-shapes.ts';
import { allActions, inPortions, onlyRule, RecordingLog, runStream, SECRET } from './support.ts';

const CUSTOM = { id: 'custom.ticket', pattern: 'TCK-[0-9]{4,8}\\b', request: 'mask', response: 'mask' } as const;
const masking = createRedactor(allActions('mask'), SECRET);
const replacing = createRedactor(allActions('placeholder', { rules: [CUSTOM] }), SECRET);
const REDACTORS = { masking, replacing };

const FILLERS = [
  'The task-notification said: run npm_config_x=1 at 12:30, cost 4111 or 3.14. ',
  'const key = process.env.API_KEY; // sk-\n',
  'see https://example.com:8080/a?b=c@d or mail. ',
  '{"id": 12, "ok": true}\n\n\t',
  'AKIA GB82 DE89 eyJ eyJhbGci -----BEGIN ',
  'é漢字😀 "quoted" \\n \\u0041 \u0007',
  '1234 5678 9012 TCK-12 ',
  '\u200b',
  'g\u00adhp_\u{1d400}',
  ' \uff21KIA\uff14\u0661 \u201cpassword\u201d\uff1d',
  's',
  'sk',
  ' ',
  '',
  '\n',
  '@',
  ':',
];
const SNIPPETS = [
  ...DETECTORS.flatMap(({ examples, nearMisses }) => [...examples.map(({ text }) => text), ...nearMisses]),
  'TCK-1234567',
  'TCK-99999999999',
];

const texts = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...SNIPPETS) },
      { weight: 3, arbitrary: fc.constantFrom(...FILLERS) },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(''));

interface Outcome {
  readonly streamed: unknown;
  readonly whole: unknown;
}

function judge(
  redactor: Redactor,
  shape: LaneShape,
  text: string,
  every: number,
  split: (raw: string) => string[],
): Outcome {
  const whole = redactor.redactText(text, 'response').text;
  if (!shape.isJson) return { streamed: streamed(redactor, shape, split(text)), whole };
  const raw = streamed(redactor, shape, split(asArguments(text, every)));
  return { streamed: JSON.parse(raw), whole: { a: whole, n: 1 } };
}

/** One character at a time, so that the rule is asked of every beginning of the text, and in larger pieces. */
function saysTheSame(redactor: Redactor, text: string): boolean {
  const around = `a ${text} b`;
  const whole = redactor.redactText(around, 'response').text;
  const steps = [1, 7, Math.ceil(around.length / 3)];
  return steps.every((step) => {
    const stream = redactor.openText('response', new RecordingLog(), () => '');
    return (
      around
        .match(new RegExp(`[^]{1,${step}}`, 'g'))!
        .map((piece) => stream.push(piece))
        .join('') +
        stream.finish(false) ===
      whole
    );
  });
}

describe.each(inPortions(sampleOf(DETECTORS)))('the rules %s, each alone', (_name, rules) => {
  it('say the same of their examples and near misses however these come', () => {
    const failures = rules.flatMap((rule) => {
      const redactor = onlyRule(rule);
      const texts = [...rule.examples.map(({ text }) => text), ...rule.nearMisses];
      return texts.filter((text) => !saysTheSame(redactor, text)).map((text) => [rule.id, text]);
    });
    expect(failures).toEqual([]);
  });
});

describe.each(Object.entries(SHAPES))('the lane of %s', (_name, shape) => {
  it('says the same however the text is split in two or three', () => {
    const cases = fc.property(
      texts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom<keyof typeof REDACTORS>('masking', 'replacing'),
      fc.nat(5),
      (text, a, b, redactor, every) => {
        const outcome = judge(REDACTORS[redactor], shape, text, every, (raw) =>
          cut(raw, [Math.floor(a * raw.length), Math.floor(b * raw.length)]),
        );
        expect(outcome.streamed).toEqual(outcome.whole);
      },
    );
    fc.assert(cases, { seed: 11, numRuns: runsOf(400) });
  });

  it('says the same one character at a time', () => {
    const cases = fc.property(
      texts,
      fc.constantFrom<keyof typeof REDACTORS>('masking', 'replacing'),
      fc.nat(5),
      (text, redactor, every) => {
        const outcome = judge(REDACTORS[redactor], shape, text, every, (raw) => raw.split(''));
        expect(outcome.streamed).toEqual(outcome.whole);
      },
    );
    fc.assert(cases, { seed: 12, numRuns: runsOf(60) });
  });

  it('says the same in pieces of any sizes', () => {
    const cases = fc.property(
      texts,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
      fc.constantFrom<keyof typeof REDACTORS>('masking', 'replacing'),
      fc.nat(5),
      (text, places, redactor, every) => {
        const outcome = judge(REDACTORS[redactor], shape, text, every, (raw) =>
          cut(
            raw,
            places.map((place) => Math.floor(place * raw.length)),
          ),
        );
        expect(outcome.streamed).toEqual(outcome.whole);
      },
    );
    fc.assert(cases, { seed: 13, numRuns: runsOf(300) });
  });

  it('passes on the very bytes where nothing is found', () => {
    const clean = fc.array(
      fc.constantFrom(...FILLERS.filter((text) => masking.redactText(text, 'response').findings.length === 0)),
      { maxLength: 8 },
    );
    const cases = fc.property(clean, fc.nat(7), (parts, size) => {
      const text = shape.isJson ? asArguments(parts.join(''), 3) : parts.join('');
      const pieces = text.match(new RegExp(`[^]{1,${size + 1}}`, 'g')) ?? [];
      const events = pieces.map(shape.wrap);
      if (masking.redactText(parts.join(''), 'response').findings.length > 0) return;
      expect(runStream(masking, shape.format, events).map(({ raw }) => raw)).toEqual(events.map(({ raw }) => raw));
    });
    fc.assert(cases, { seed: 14, numRuns: runsOf(100) });
  });
});
