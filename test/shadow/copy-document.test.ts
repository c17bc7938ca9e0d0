import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { copyDocument } from '../../src/shadow/copy-document.ts';

function copied(operation: Operation, text: string): string {
  return copyDocument(operation, JsonDocument.parse(text)).text;
}

describe('the body of a copy', () => {
  it('asks for no stream', () => {
    expect(copied('chat', '{"model":"m", "stream" : true ,"stream_options":{"include_usage":true}, "n":1}')).toBe(
      '{"model":"m", "stream" : false, "n":1}',
    );
  });

  it('is not kept by the provider', () => {
    expect(copied('responses', '{"model":"m"}')).toBe('{"store":false,"model":"m"}');
    expect(copied('responses', '{"store":true,"model":"m"}')).toBe('{"store":false,"model":"m"}');
    expect(copied('responses', '{"stream_options":{}}')).toBe('{"store":false}');
    expect(copied('chat', '{"store":true}')).toBe('{"store":false}');
  });

  it.each<[Operation, string]>([
    ['chat', '{"model":"m","stream":false,"big":12345678901234567890}'],
    ['messages', '{ "model": "m", "max_tokens": 5 }'],
    ['embeddings', '{"input":"x"}'],
  ])('of %s stays as it is where nothing is to be changed', (operation, text) => {
    const document = JsonDocument.parse(text);
    expect(copyDocument(operation, document)).toBe(document);
  });

  it('is the request but for these three members, wherever they stand', () => {
    const operation = fc.constantFrom<Operation>('chat', 'responses', 'messages');
    const members = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('model', 'stream', 'stream_options', 'store', 'input', 'user'),
        fc.constantFrom<unknown>(true, false, null, 'text', { include_usage: true }, [1, 2]),
      ),
      { selector: ([name]) => name },
    );
    fc.assert(
      fc.property(operation, members, fc.constantFrom(0, 2), (kind, entries, indent) => {
        const body = Object.fromEntries(entries) as Record<string, unknown>;
        const result = JSON.parse(copied(kind, JSON.stringify(body, null, indent))) as Record<string, unknown>;
        const { stream_options: _, ...expected } = body;
        if (expected['stream'] === true) expected['stream'] = false;
        if (kind === 'responses' || (kind === 'chat' && expected['store'] === true)) expected['store'] = false;
        expect(result).toEqual(expected);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
