import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { JsonDocument, JsonKind, type JsonNode } from '../../src/core/json-document.ts';
import { MAX_JSON_DEPTH } from '../../src/core/json-parser.ts';

const SEED = { seed: 20_260_101 };

function refusal(text: string): GatewayError | null {
  try {
    JsonDocument.parse(text);
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function codeOf(text: string): ErrorCode | null {
  return refusal(text)?.code ?? null;
}

function native(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

const spaces = fc.array(fc.constantFrom(' ', '\n', '\r', '\t'), { maxLength: 3 }).map((parts) => parts.join(''));

/** JSON text of any value, with white space wherever the grammar allows it. */
const spacedJson = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.array(spaces, { minLength: 1, maxLength: 9 }))
  .map(([value, gaps]) => {
    let turn = 0;
    const gap = (): string => gaps[turn++ % gaps.length]!;
    const write = (part: unknown): string => {
      if (Array.isArray(part)) return `[${gap()}${part.map((item) => write(item) + gap()).join(`,${gap()}`)}]`;
      if (part === null || typeof part !== 'object') return JSON.stringify(part);
      const members = Object.entries(part).map(
        ([key, item]) => `${JSON.stringify(key)}${gap()}:${gap()}${write(item)}${gap()}`,
      );
      return `{${gap()}${members.join(`,${gap()}`)}}`;
    };
    return gap() + write(value) + gap();
  });

/** Where `JSON.parse` would have put the node's value. */
function place(root: unknown, node: JsonNode): unknown {
  if (node.parent === null) return root;
  const outer = place(root, node.parent) as Record<string | number, unknown>;
  return outer[node.key ?? node.index];
}

function kindOf(value: unknown): JsonKind {
  if (Array.isArray(value)) return JsonKind.array;
  if (typeof value === 'string') return JsonKind.string;
  if (typeof value === 'number') return JsonKind.number;
  return value !== null && typeof value === 'object' ? JsonKind.object : JsonKind.literal;
}

function visit(node: JsonNode, see: (node: JsonNode) => void): void {
  see(node);
  for (const child of node.children) visit(child, see);
}

describe('a JSON document', () => {
  it('gives every value the place and the content that JSON.parse finds', () => {
    fc.assert(
      fc.property(spacedJson, (text) => {
        const document = JsonDocument.parse(text);
        const value: unknown = JSON.parse(text);
        visit(document.root, (node) => {
          const expected = place(value, node);
          expect(JSON.parse(text.slice(node.start, node.end))).toEqual(expected);
          expect(document.value(node)).toEqual(expected);
          expect(document.string(node)).toBe(typeof expected === 'string' ? expected : null);
          expect(document.number(node)).toBe(typeof expected === 'number' ? expected : null);
          expect(node.kind).toBe(kindOf(expected));
          expect(document.isTrue(node)).toBe(expected === true);
          expect(document.isNull(node)).toBe(expected === null);
          expect(node.key === null ? node : document.member(node.parent!, node.key)).toBe(node);
        });
      }),
      SEED,
    );
  });

  it('accepts and refuses what JSON.parse does, but for equal names and depth', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom(...'{}[]",:\\0123.-+eEtfn u\u0000\u001f\u00e9\ufeff'),
    );
    fc.assert(
      fc.property(spacedJson, fc.array(damage, { minLength: 1, maxLength: 3 }), (text, damages) => {
        let damaged = text;
        for (const [at, removed, inserted] of damages) {
          const from = at % (damaged.length + 1);
          damaged = damaged.slice(0, from) + inserted + damaged.slice(from + removed);
        }
        const code = codeOf(damaged);
        if (code === 'ambiguous_json' || code === 'json_too_deep') return;
        expect({ damaged, accepted: code === null }).toEqual({ damaged, accepted: native(damaged) !== null });
      }),
      { ...SEED, numRuns: 2_000 },
    );
  });

  it.each([
    [
      '',
      ' ',
      '{',
      '[',
      '"',
      '"\\',
      '"\\u12',
      '"\\u12g4"',
      '"\\x"',
      '"\t"',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '[1,]',
      '[,1]',
    ],
    ['01', '-', '1.', '.5', '+1', '1e', '1e+', '0x10', 'NaN', 'Infinity', 'tru', 'truex', 'nul', "'a'", '{a:1}', '1 2'],
    ['\ufeff{}', '{}\u00a0', '[1]]', '{"a":1}}', '/* */ 1', '"\u0000"', '[1 2]', '{"a" 1}', '{1:2}', '\u2028 1'],
  ])('refuses %j and the like, as JSON.parse does', (...texts) => {
    for (const text of texts) {
      expect({ text, code: codeOf(text) }).toEqual({ text, code: 'invalid_json' });
      expect(native(text)).toBeNull();
    }
  });

  it.each(['0', '-0', '-0.0e-0', '1E+2', '"\u007f\u2028\ud800"', '"\\ud800"', ' [ ] ', '{ }', '"\\u0000\\/"', 'null'])(
    'accepts %j as JSON.parse does',
    (text) => {
      const document = JsonDocument.parse(text);
      expect(document.value(document.root)).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ['{"model":"a","model":"b"}', 'plain'],
    ['{"model":"a","\\u006dodel":"b"}', 'escaped'],
    ['{"a":[{"x":{"b":1,"b":1}}]}', 'nested'],
    ['{"":1,"":2}', 'empty'],
    ['{"__proto__":1,"__proto__":2}', 'special'],
    [`{${Array.from({ length: 40 }, (_, index) => `"k${index}":0`).join(',')},"k7":1}`, 'in a large object'],
  ])('calls a name that stands twice ambiguous: %s (%s)', (text) => {
    expect(codeOf(text)).toBe('ambiguous_json');
  });

  it('takes the same name in different objects', () => {
    expect(codeOf('{"a":{"a":[{"a":1},{"a":2}]}}')).toBeNull();
  });

  it('takes 64 levels and refuses 65, arrays and objects alike', () => {
    expect(MAX_JSON_DEPTH).toBe(64);
    expect(codeOf(nested(64))).toBeNull();
    expect(codeOf(nested(65))).toBe('json_too_deep');
    expect(codeOf('{"a":'.repeat(64) + '1' + '}'.repeat(64))).toBeNull();
    expect(codeOf('{"a":'.repeat(65) + '1' + '}'.repeat(65))).toBe('json_too_deep');
  });

  it('refuses a bomb of brackets without exhausting the stack', () => {
    expect(codeOf('['.repeat(5_000_000))).toBe('json_too_deep');
  });

  it('names line and column of a fault and never quotes the input', () => {
    const fault = refusal('{\n  "key": "sk-very-secret",\n  "b": sk-very-secret\n}');
    expect(fault?.message).toMatch(/line 3, column 8\b/);
    expect(fault?.message).not.toContain('secret');
    expect(refusal('x')?.message).toMatch(/line 1, column 1\b/);
    expect(refusal('["sk-very-secret')?.message).not.toContain('secret');
  });

  it('keeps big integers and odd spellings of numbers in its text', () => {
    const document = JsonDocument.parse('{"id":12345678901234567890,"x":1.50}');
    const id = document.member(document.root, 'id')!;
    expect(document.text.slice(id.start, id.end)).toBe('12345678901234567890');
  });

  it('reads large input: a string of a million characters and an array of a hundred thousand elements', () => {
    const long = 'a"\\é'.repeat(250_000);
    const document = JsonDocument.parse(
      JSON.stringify({ long, many: Array.from({ length: 100_000 }, (_, i) => `${i}`) }),
    );
    expect(document.string(document.member(document.root, 'long'))).toBe(long);
    expect(document.member(document.root, 'many')?.children.length).toBe(100_000);
  });

  it('says where a value stands', () => {
    const document = JsonDocument.parse('{"messages":[0,{"content":[{"text":"x"}]}]}');
    const text = document.member(document.root, 'messages')!.children[0]!.children[0]!.children[0]!.children[0]!;
    expect(document.path(text)).toBe('messages[1].content[0].text');
    expect(document.path(document.root)).toBe('');
  });

  it('knows whether a name may differ from another by case only', () => {
    expect(JsonDocument.parse('{"model":{"max_tokens":1}}').hasUnusualKeys).toBe(false);
    expect(JsonDocument.parse('{"a":[{"Model":1}]}').hasUnusualKeys).toBe(true);
    expect(JsonDocument.parse('{"\\u017ftream":1}').hasUnusualKeys).toBe(true);
  });

  it('finds no member where there is none', () => {
    const document = JsonDocument.parse('{"a":[1],"toString2":0}');
    expect(document.member(document.root, 'toString')).toBeNull();
    expect(document.member(document.root, '__proto__')).toBeNull();
    expect(document.member(document.member(document.root, 'a')!, 'length')).toBeNull();
  });
});

describe('a reply', () => {
  it('may hold a name twice and nest deeper than a request', () => {
    const text = `{"a":1,"a":"x","deep":${'['.repeat(100)}${']'.repeat(100)}}`;
    const document = JsonDocument.parseReply(text);
    expect(document.root.children.map(({ key }) => key)).toEqual(['a', 'a', 'deep']);
    expect(() => JsonDocument.parse(text)).toThrow(expect.objectContaining({ code: 'json_too_deep' }));
  });

  it('has an end to its depth, too', () => {
    expect(() => JsonDocument.parseReply('['.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'json_too_deep' }),
    );
  });
});

describe('a text of very many values', () => {
  it('is refused, while numbers in lists cost nothing and are not counted', () => {
    const many = (value: string): string => `[${Array.from({ length: 300_000 }, () => value).join(',')}]`;
    expect(() => JsonDocument.parse(many('{}'))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
    expect(JsonDocument.parse(many('0.5')).root.children).toHaveLength(0);
  });
});
