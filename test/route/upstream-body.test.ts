import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { upstreamBody, type BodyChanges } from '../../src/route/upstream-body.ts';
import { call } from './fixtures.ts';

const NONE: BodyChanges = { model: null, params: null, system: null };

function changed(text: string, changes: Partial<BodyChanges>, operation: Operation = 'chat'): string {
  const made = call(text);
  return upstreamBody(made, made.document, operation, { ...NONE, ...changes }).bytes.toString();
}

describe('the body for a target', () => {
  it('is the very bytes that came, still encoded, where nothing changes', () => {
    const made = call('{"model":"a"}', { bytes: Buffer.from('gzipped'), encoding: 'gzip' });
    const body = upstreamBody(made, made.document, 'chat', NONE);
    expect(body.bytes).toBe(made.bytes);
    expect(body.encoding).toBe('gzip');
  });

  it('is plain where the redacted document or the target changes it', () => {
    const made = call('{"model":"a"}', { bytes: Buffer.from('gzipped'), encoding: 'gzip' });
    const clean = JsonDocument.parse('{"model":"clean"}');
    expect(upstreamBody(made, clean, 'chat', NONE)).toEqual({
      bytes: Buffer.from('{"model":"clean"}'),
      encoding: null,
    });
    expect(upstreamBody(made, made.document, 'chat', { ...NONE, model: 'b' })).toEqual({
      bytes: Buffer.from('{"model":"b"}'),
      encoding: null,
    });
  });

  it('holds the changes, and every other member byte for byte', () => {
    const value = fc.jsonValue({ maxDepth: 2 }).map((part) => JSON.stringify(part, null, 1));
    const name = fc.constantFrom('model', 'temperature', 'seed', 'big', 'x', 'stop');
    const members = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 });
    const params = fc.dictionary(fc.constantFrom('temperature', 'seed', 'top_p'), fc.jsonValue({ maxDepth: 1 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(members, params, fc.option(fc.string({ maxLength: 5 })), (given, set, model) => {
        const text = `{${given.map(([key, raw]) => ` "${key}" : ${raw}\n`).join(',')}}`;
        const result = changed(text, { model, params: set as BodyChanges['params'] });
        const expected = JSON.parse(
          JSON.stringify({ ...JSON.parse(text), ...(model === null ? {} : { model }), ...set }),
        ) as unknown;
        expect(JSON.parse(result)).toEqual(expected);
        const touched = new Set([...Object.keys(set), ...(model === null ? [] : ['model'])]);
        const untouched = given.filter(([key]) => !touched.has(key)).map(([key, raw]) => ` "${key}" : ${raw}\n`);
        for (const member of untouched) expect(result).toContain(member);
        JsonDocument.parse(result);
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  it('keeps big integers, white space and key order', () => {
    expect(changed('{ "id": 12345678901234567890,\n\t"model" : "a" , "z":1.0}', { model: 'b' })).toBe(
      '{ "id": 12345678901234567890,\n\t"model" : "b" , "z":1.0}',
    );
  });

  it.each([
    ['{}', '{"model":"b"}'],
    ['{ }', '{"model":"b" }'],
    ['{"a":1}', '{"model":"b","a":1}'],
  ])('with a model put into %s is %s', (before, after) => {
    expect(changed(before, { model: 'b' })).toBe(after);
  });

  it('escapes what it puts in', () => {
    expect(JSON.parse(changed('{}', { model: '"\n\u2028', params: { 'a"b': { c: '\\' } } }))).toEqual({
      model: '"\n\u2028',
      'a"b': { c: '\\' },
    });
  });
});

describe('a prompt version', () => {
  it.each([
    [
      'chat',
      '{"messages":[{"role":"user","content":"hi"}]}',
      '{"messages":[{"role":"system","content":"S"},{"role":"user","content":"hi"}]}',
    ],
    [
      'chat',
      '{"messages":[{"role":"system","content":"old"},{"role":"user"}]}',
      '{"messages":[{"role":"system","content":"S"},{"role":"user"}]}',
    ],
    [
      'chat',
      '{"messages":[{"content":[{"type":"text","text":"old"}],"role":"developer"}]}',
      '{"messages":[{"content":"S","role":"developer"}]}',
    ],
    [
      'chat',
      '{"messages":[{"role":"user"},{"role":"system","content":"later"}]}',
      '{"messages":[{"role":"system","content":"S"},{"role":"user"},{"role":"system","content":"later"}]}',
    ],
    ['chat', '{"messages":[]}', '{"messages":[{"role":"system","content":"S"}]}'],
    ['chat', '{"messages":"odd"}', '{"messages":"odd"}'],
    ['chat', '{}', '{}'],
    ['messages', '{"system":[{"type":"text","text":"old"}]}', '{"system":"S"}'],
    ['messages', '{"model":"a"}', '{"system":"S","model":"a"}'],
    ['count_tokens', '{"model":"a"}', '{"system":"S","model":"a"}'],
    ['responses', '{"instructions":"old","input":"x"}', '{"instructions":"S","input":"x"}'],
    ['responses', '{"input":"x"}', '{"instructions":"S","input":"x"}'],
    ['embeddings', '{"input":"x"}', '{"input":"x"}'],
    ['text_completion', '{"prompt":"x"}', '{"prompt":"x"}'],
  ] as const)('in a %s call turns %s into %s', (operation, before, after) => {
    expect(changed(before, { system: 'S' }, operation)).toBe(after);
  });

  it('goes together with a model and parameters, put in or replaced', () => {
    expect(JSON.parse(changed('{"input":"x"}', { model: 'b', params: { seed: 1 }, system: 'S' }, 'responses'))).toEqual(
      {
        model: 'b',
        seed: 1,
        instructions: 'S',
        input: 'x',
      },
    );
  });
});

describe('a prompt and a parameter for the same field', () => {
  it.each(['{"model":"a"}', '{"model":"a","instructions":"own"}'])('are one value in %s, the prompt', (text) => {
    const result = changed(text, { params: { instructions: 'parameter' }, system: 'prompt' }, 'responses');
    expect(JSON.parse(result)).toEqual({ model: 'a', instructions: 'prompt' });
    expect(result.match(/instructions/g)).toHaveLength(1);
  });
});
