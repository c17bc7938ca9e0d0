import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExternalDetector, ExternalSpan } from '../../../src/core/external-detector.ts';
import { JsonDocument } from '../../../src/core/json-document.ts';
import type { RedactionAction } from '../../../src/core/redaction.ts';
import { createRedactor } from '../../../src/redact/redactor.ts';
import { allActions, RecordingLog, SECRET } from '../support.ts';

type Place = readonly [entity: string, start: number, end: number, score?: number];

/** What becomes of a text in which a detector finds these places. */
async function settled(text: string, places: readonly Place[], actions: Readonly<Record<string, RedactionAction>>) {
  const spans = places.map(([entity, start, end, score = 0.9]): ExternalSpan => ({ entity, start, end, score }));
  const entities = Object.entries(actions).map(([entity, request]) => ({ entity, rule: `pii.${entity}`, request }));
  const config = { name: 'd', entities } as unknown as ExternalDetector['config'];
  const detector: ExternalDetector = { config, ask: ({ texts }) => Promise.resolve(texts.map(() => spans)) };
  const policy = allActions('allow', { detectors: [config], allow: ['Ana Allowed'] });
  const redactor = createRedactor(policy, SECRET, new Map([['d', detector]])).forExchange('app');
  const log = new RecordingLog();
  const asking = { language: () => 'en', signal: new AbortController().signal, called: () => {} };
  const document = JsonDocument.parse(JSON.stringify({ input: text }));
  const redacted = await redactor.askDetectors(document, asking, log);
  const told = log.told.map(({ finding, where }) => `${where} ${finding.rule} ${finding.action}`);
  return { text: (JSON.parse(redacted.text) as { input: string }).input, told, isSame: redacted === document };
}

const MASK = { a: 'mask', b: 'mask' } as const;

describe('what detectors find', () => {
  test('is replaced without the space around it', async () => {
    const { text, told } = await settled('I am  Ana \n here', [['a', 4, 11]], MASK);
    expect([text, told]).toEqual(['I am  REDACTED_pii_a \n here', ['input pii.a mask']]);
  });

  test('is one value where findings overlap, of whom the detector is surest', async () => {
    const { text, told } = await settled(
      'Dr Ana Souza Li',
      [
        ['a', 0, 6, 0.6],
        ['b', 3, 12, 0.8],
        ['a', 13, 15],
      ],
      MASK,
    );
    expect(text).toBe('REDACTED_pii_b REDACTED_pii_a');
    expect(told).toEqual(['input pii.b mask', 'input pii.a mask']);
  });

  test('is told only where nothing else is replaced there', async () => {
    const actions = { a: 'mask', b: 'report' } as const;
    const { text, told } = await settled(
      'Ana Souza Li',
      [
        ['a', 4, 9],
        ['b', 0, 9],
        ['b', 10, 12],
      ],
      actions,
    );
    expect(text).toBe('Ana REDACTED_pii_a Li');
    expect(told).toEqual(['input pii.a mask', 'input pii.b report']);
  });

  test('is refused where one of the findings in one place is to be refused', async () => {
    const actions = { a: 'mask', b: 'block' } as const;
    await expect(
      settled(
        'Ana Souza',
        [
          ['a', 0, 9, 1],
          ['b', 0, 3, 0.5],
        ],
        actions,
      ),
    ).rejects.toMatchObject({
      code: 'secret_detected',
      details: { param: 'input' },
    });
  });

  test.each([
    ['an empty place', 'Ana', 1, 1],
    ['space', 'a   b', 1, 4],
    ['signs', 'a --- b', 2, 5],
    ['an allowed value', 'I am Ana Allowed.', 5, 16],
    ['a placeholder', 'I am PII_SK_0123456789ABCDEF!', 5, 28],
    ['a part of a mask', 'I am REDACTED_secret_github_pat!', 7, 20],
    ['a part of a hash', 'I am pii_person_h_0123456789abcdef!', 9, 12],
  ])('is nothing where it is %s', async (_, text, start, end) => {
    expect(await settled(text, [['a', start, end]], MASK)).toEqual({ text, told: [], isSame: true });
  });

  test('goes around what stands for a value already', async () => {
    const { text } = await settled('Ana PII_SK_0123456789ABCDEF Souza', [['a', 0, 33]], MASK);
    expect(text).toBe('REDACTED_pii_a PII_SK_0123456789ABCDEF REDACTED_pii_a');
  });

  test('never leaves a letter of it, nor takes one of anything else, however findings lie', async () => {
    const text = 'abcdefghijklmnopqrstuvwxyz';
    const place = fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.nat(26),
      fc.nat(26),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 8 }), async (raw) => {
        const places = raw.map(([entity, a, b, score]): Place => [entity, Math.min(a, b), Math.max(a, b), score]);
        const rest = [...text].filter((_, at) => !places.some(([, start, end]) => start <= at && at < end)).join('');
        const redacted = await settled(text, places, MASK);
        expect(redacted.text.replaceAll(/REDACTED_pii_[ab]/g, '')).toBe(rest);
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});
