import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Redactor, StreamFormat } from '../../src/core/redaction.ts';
import type { SseEvent } from '../../src/core/sse.ts';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const CUSTOM = { id: 'custom.ticket', pattern: 'TCK-[0-9]{4,8}\\b', request: 'mask', response: 'mask' } as const;
const masking = createRedactor(allActions('mask'), SECRET);
const replacing = createRedactor(allActions('placeholder', { rules: [CUSTOM] }), SECRET);
const REDACTORS = { masking, replacing };

interface LaneShape {
  readonly format: StreamFormat;
  readonly isJson: boolean;
  readonly wrap: (piece: string) => SseEvent;
  readonly read: (data: string) => string;
}

/* eslint-disable-next-line typescript/no-explicit-any */
const field = (data: string): any => JSON.parse(data);

const SHAPES: Readonly<Record<string, LaneShape>> = {
  'chat content': {
    format: 'chat',
    isJson: false,
    wrap: (content) => eventOf({ choices: [{ index: 0, delta: { content } }] }),
    read: (data) => field(data).choices[0].delta.content,
  },
  'chat tool arguments': {
    format: 'chat',
    isJson: true,
    wrap: (piece) =>
      eventOf({ choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: piece } }] } }] }),
    read: (data) => field(data).choices[0].delta.tool_calls[0].function.arguments,
  },
  'completion text': {
    format: 'completions',
    isJson: false,
    wrap: (text) => eventOf({ choices: [{ index: 0, text, logprobs: null }] }),
    read: (data) => field(data).choices[0].text,
  },
  'Anthropic text': {
    format: 'messages',
    isJson: false,
    wrap: (text) => eventOf({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    read: (data) => field(data).delta.text,
  },
  'Anthropic tool input': {
    format: 'messages',
    isJson: true,
    wrap: (piece) =>
      eventOf({ type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: piece } }),
    read: (data) => field(data).delta.partial_json,
  },
  'Responses text': {
    format: 'responses',
    isJson: false,
    wrap: (delta) => eventOf({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
    read: (data) => field(data).delta,
  },
  'Responses tool arguments': {
    format: 'responses',
    isJson: true,
    wrap: (delta) => eventOf({ type: 'response.function_call_arguments.delta', output_index: 0, delta }),
    read: (data) => field(data).delta,
  },
};

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

function cut(text: string, places: readonly number[]): string[] {
  const bounds = [0, ...[...places].sort((a, b) => a - b), text.length];
  return bounds.slice(1).map((end, i) => text.slice(bounds[i], end));
}

function streamed(redactor: Redactor, shape: LaneShape, pieces: readonly string[]): string {
  return runStream(redactor, shape.format, pieces.map(shape.wrap))
    .map(({ data }) => shape.read(data))
    .join('');
}

/** JSON text whose escapes are chosen by the seed, so that they hide what they can. */
function asArguments(text: string, escapeEvery: number): string {
  let at = 0;
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/\\u....|\\.|[^\\]/g, (unit) => {
      const isEscaped = escapeEvery > 0 && unit.length === 1 && at++ % escapeEvery === 0;
      return isEscaped ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit;
    });
  return `{"a":"${escaped}","n":1}`;
}

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

/** The lanes of all shapes are of these two kinds. */
const KINDS: Readonly<Record<string, (pieces: readonly string[]) => string>> = {
  text: (pieces) => {
    const stream = masking.openText('response', new RecordingLog(), () => '');
    return pieces.map((piece) => stream.push(piece)).join('') + stream.finish(false);
  },
  'tool arguments': (pieces) => streamed(masking, SHAPES['chat tool arguments']!, pieces),
};
const MOST_CUTS = { text: 60, 'tool arguments': 20 };

describe.each(Object.entries(KINDS))('%s', (kind, redactPieces) => {
  const isJson = kind !== 'text';

  it.each(DETECTORS.map((detector) => [detector.id, detector] as const))(
    'says the same of the examples of %s at every cut',
    (_id, { examples }) => {
      for (const { text } of examples) {
        const whole = masking.redactText(`a ${text} b`, 'response').text;
        const raw = isJson ? asArguments(`a ${text} b`, 0) : `a ${text} b`;
        const step = Math.ceil(raw.length / MOST_CUTS[kind as keyof typeof MOST_CUTS]);
        for (let at = 0; at <= raw.length; at += step) {
          const out = redactPieces(cut(raw, [at, Math.min(at + 6, raw.length)]));
          expect(isJson ? JSON.parse(out).a : out).toBe(whole);
        }
      }
    },
  );
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
    fc.assert(cases, { seed: 11, numRuns: 400 });
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
    fc.assert(cases, { seed: 12, numRuns: 60 });
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
    fc.assert(cases, { seed: 13, numRuns: 300 });
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
    fc.assert(cases, { seed: 14, numRuns: 100 });
  });
});
