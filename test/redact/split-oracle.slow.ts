import { describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { asArguments, cut, SHAPES, streamed } from './lane-shapes.ts';
import { allActions, RecordingLog, SECRET } from './support.ts';

const masking = createRedactor(allActions('mask'), SECRET);

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
    'says the same of the examples of %s at every cut, all rules together',
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
