import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { BodyRules } from '../../src/core/provider.ts';
import { vendorBody, vendorChanges } from '../../src/route/vendor-body.ts';

const RULES: BodyRules = {
  renamed: { max_completion_tokens: 'max_tokens', seed: 'random_seed' },
  unsent: ['store', 'user'],
  refused: { logprobs: 'false', n: '1' },
  lacksDeveloper: true,
  omitsModel: false,
  added: {},
};

function sent(text: string, rules: Partial<BodyRules> = {}): { text: string; unsent: readonly string[] } {
  const { document, unsent } = vendorBody(JsonDocument.parse(text), { ...RULES, ...rules }, 'acme');
  return { text: document.text, unsent };
}

describe('a body in the dialect of a vendor', () => {
  it('is the same document where the vendor takes it as it is', () => {
    const document = JsonDocument.parse('{ "model": "m", "messages": [{"role":"user","content":"1e400"}] }');
    expect(vendorBody(document, RULES, 'acme')).toEqual({ document, unsent: [] });
  });

  it('names members as the vendor does and keeps all other bytes', () => {
    expect(sent('{"max_completion_tokens" : 12345678901234567890, "a":1.0}').text).toBe(
      '{"max_tokens" : 12345678901234567890, "a":1.0}',
    );
  });

  it('has the value of the newer name where both stand', () => {
    for (const text of ['{"max_tokens":1,"max_completion_tokens":2}', '{"max_completion_tokens":2,"max_tokens":1}'])
      expect(JSON.parse(sent(text).text)).toEqual({ max_tokens: 2 });
  });

  it('leaves out what the vendor would refuse and says so, unless it says nothing', () => {
    expect(sent('{"store":true,"user":null,"model":"m"}')).toEqual({ text: '{"model":"m"}', unsent: ['store'] });
  });

  it('refuses what the vendor has nothing for by its name, and leaves out the value that says nothing', () => {
    expect(sent('{"n":1,"logprobs":false,"model":"m"}').text).toBe('{"model":"m"}');
    const refusal = (text: string): unknown => {
      try {
        return sent(text);
      } catch (error) {
        return error instanceof GatewayError ? [error.code, error.details.param] : error;
      }
    };
    expect(refusal('{"n":2}')).toEqual(['invalid_request', 'n']);
    expect(refusal('{"logprobs":true}')).toEqual(['invalid_request', 'logprobs']);
  });

  it('sends developer messages as those of the system', () => {
    expect(sent('{"messages":[{"role":"developer","content":"developer"},{"role":"user","content":"x"}]}').text).toBe(
      '{"messages":[{"role":"system","content":"developer"},{"role":"user","content":"x"}]}',
    );
  });

  it('lacks the model, and has what the vendor demands, where the model stands in the path', () => {
    const text = sent('{"model":"m","max_tokens":1}', { omitsModel: true, added: { anthropic_version: '"v"' } }).text;
    expect(text).toBe('{"anthropic_version":"v","max_tokens":1}');
    expect(sent('{"model":"m"}', { omitsModel: true, added: { v: '1' } }).text).toBe('{"v":1}');
    expect(sent('{"v":2}', { added: { v: '1' } }).text).toBe('{"v":2}');
  });

  it('takes what a route sets under the name of the vendor', () => {
    const changes = { model: 'x', params: { seed: 1, store: true, top_p: 1 }, system: null };
    expect(vendorChanges(changes, RULES)).toEqual({ model: 'x', params: { random_seed: 1, top_p: 1 }, system: null });
    expect(vendorChanges({ ...changes, params: null }, { ...RULES, omitsModel: true }).model).toBeNull();
  });

  const NAMES = ['store', 'user', 'n', 'logprobs', 'seed', 'random_seed', 'a"b', 'c\\', 'd', '', 'model'];

  it('is what parsing, changing and writing it would give, whatever stands where', () => {
    const text = (name: string): string => ({ n: '1', logprobs: 'false' })[name] ?? '"x,:\\""';
    fc.assert(
      fc.property(fc.subarray(NAMES), fc.infiniteStream(fc.nat()), fc.constantFrom('', ' '), (some, order, space) => {
        const names = some
          .map((name) => [order.next().value!, name] as const)
          .sort(([a], [b]) => a - b)
          .map(([, name]) => name);
        const members = names.map((name) => `${space}${JSON.stringify(name)}${space}:${space}${text(name)}${space}`);
        const expected = names
          .filter((name) => !['store', 'user', 'n', 'logprobs'].includes(name))
          .map((name) => [name === 'seed' ? 'random_seed' : name, JSON.parse(text(name)) as unknown]);
        expect(JSON.parse(sent(`{${members.join(',')}}`).text)).toEqual(Object.fromEntries(expected));
      }),
      { seed: 20_261_121 },
    );
  });
});
