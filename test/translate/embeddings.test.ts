import { describe, expect, it } from 'vitest';
import { PROVIDERS, providerFor } from '../../src/providers/registry.ts';
import { translationFor } from '../../src/translations.ts';
import { providerConfig } from '../upstream/support.ts';

const vertexConfig = { project: 'p', location: 'global', publisher: 'google' } as const;
const VERTEX = providerFor({ ...providerConfig('v'), type: 'google-vertex', vertex: vertexConfig });
const gemini = translationFor('embeddings', PROVIDERS['google-gemini'])!;
const vertex = translationFor('embeddings', VERTEX)!;
const titan = translationFor('embeddings', PROVIDERS['aws-bedrock'])!;
const TITAN = 'amazon.titan-embed-text-v2:0';

const body = (text: string): unknown => JSON.parse(text);
const refusal = (open: () => unknown): unknown => {
  try {
    return open();
  } catch (error) {
    return error;
  }
};

describe('embeddings at Gemini', () => {
  it('are asked for in one batch, and told in the order of the texts', () => {
    const open = gemini.open({ model: 'e', input: ['a', 'b'], dimensions: 2, user: 'u' }, 'gemini-embedding-001');
    expect(open.request.path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
    expect(body(open.request.body)).toEqual({
      requests: ['a', 'b'].map((text) => ({
        model: 'models/gemini-embedding-001',
        content: { parts: [{ text }] },
        outputDimensionality: 2,
      })),
    });
    expect(open.request.approximated).toEqual(['user']);
    const reply = { embeddings: [{ values: [3, 4] }, { values: [0, 0] }], usageMetadata: { promptTokenCount: 7 } };
    expect(body(open.reply(JSON.stringify(reply)))).toEqual({
      object: 'list',
      model: 'gemini-embedding-001',
      data: [
        // Of length 1 again after it was cut.
        { object: 'embedding', index: 0, embedding: [0.6, 0.8] },
        { object: 'embedding', index: 1, embedding: [0, 0] },
      ],
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(open.hasUsage).toBe(true);
  });

  it('are told in base64 where it is asked for, as they came where no dimensions are', () => {
    const open = gemini.open({ model: 'e', input: 'a', encoding_format: 'base64' }, 'm');
    const told = body(open.reply('{"embeddings":[{"values":[3,-0.5]}]}')) as { data: { embedding: string }[] };
    const bytes = Buffer.from(told.data[0]!.embedding, 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length]).toEqual([3, -0.5, 8]);
    // Its zeros stand for what was not told, and are counted by nobody.
    expect(open.hasUsage).toBe(false);
  });

  it.each([
    [{ input: [1, 2] }, 'input'],
    [{ input: [[1], [2]] }, 'input'],
    [{ input: [] }, 'input'],
    [{}, 'input'],
    [{ input: ['a', ''] }, 'input[1]'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', dimensions: '2' }, 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    [{ input: 'a', truncate: true }, 'truncate'],
  ])('refuse %o by name', (asked, param) => {
    expect(refusal(() => gemini.open({ model: 'e', ...asked }, 'm'))).toMatchObject({
      code: 'invalid_request',
      details: { param },
    });
  });

  it('are an error where the reply is none, or not of all texts', () => {
    const open = gemini.open({ model: 'e', input: ['a', 'b'] }, 'm');
    for (const reply of [
      '{}',
      '{"embeddings":[{"values":[1]}]}',
      '{"embeddings":[{"values":[]},{"values":["1"]}]}',
      '[]',
    ])
      expect(() => open.reply(reply)).toThrow(/vector/);
    const error = { error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED' } };
    expect(open.error(429, JSON.stringify(error))).toEqual({
      status: 429,
      body: '{"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"RESOURCE_EXHAUSTED"}}',
      retryAfter: null,
    });
  });
});

describe('embeddings at Vertex', () => {
  it('are predictions, with the tokens of each', () => {
    const open = vertex.open({ model: 'e', input: ['a', 'b'], dimensions: 1 }, 'text-embedding-005');
    expect(VERTEX.upstreamPath('', open.request.path)).toBe(
      '/v1/projects/p/locations/global/publishers/google/models/text-embedding-005:predict',
    );
    expect(body(open.request.body)).toEqual({
      instances: [{ content: 'a' }, { content: 'b' }],
      parameters: { outputDimensionality: 1 },
    });
    const prediction = { embeddings: { values: [1], statistics: { token_count: 3 } } };
    expect(body(open.reply(JSON.stringify({ predictions: [prediction, prediction] })))).toMatchObject({
      usage: { prompt_tokens: 6 },
    });
  });
});

describe('embeddings at Bedrock', () => {
  it('are those of Titan, one text a request', () => {
    const open = titan.open({ model: 'e', input: ['a'], dimensions: 256 }, TITAN);
    expect([open.request.path, body(open.request.body)]).toEqual([
      '/model/amazon.titan-embed-text-v2%3A0/invoke',
      { inputText: 'a', dimensions: 256 },
    ]);
    expect(body(open.reply('{"embedding":[1],"inputTextTokenCount":2}'))).toMatchObject({ usage: { total_tokens: 2 } });
  });

  it.each([
    [TITAN, { input: ['a', 'b'] }, 'input'],
    ['amazon.titan-embed-text-v1', { input: 'a', dimensions: 2 }, 'dimensions'],
    ['cohere.embed-english-v3', { input: 'a' }, 'model'],
  ])('refuse what %s has not', (model, asked, param) => {
    expect(refusal(() => titan.open({ model: 'e', ...asked }, model))).toMatchObject({ details: { param } });
  });
});
