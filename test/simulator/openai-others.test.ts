import { expect, test } from 'vitest';
import { anthropic, openai, post, simulator } from './support.ts';

test('embeddings are unit vectors that depend on the input, equal in both encodings', async () => {
  const client = openai(await simulator());
  const input = ['one', 'two'];
  const floats = await client.embeddings.create({ model: 'e', input, dimensions: 64, encoding_format: 'float' });
  const decoded = await client.embeddings.create({ model: 'e', input, dimensions: 64 });
  const [one, two] = floats.data.map((item) => item.embedding);
  expect(one).toHaveLength(64);
  expect(one).not.toEqual(two);
  expect(Math.hypot(...one!)).toBeCloseTo(1, 5);
  expect(decoded.data.map((item) => [...item.embedding])).toEqual([one, two]);
  expect(floats.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
});

test('embeddings take token lists and have 1536 dimensions by default', async () => {
  const client = openai(await simulator());
  const one = await client.embeddings.create({ model: 'e', input: [1, 2, 3], encoding_format: 'float' });
  expect(one.data.map((item) => item.embedding.length)).toEqual([1536]);
  expect(one.usage.prompt_tokens).toBe(3);
  const lists = await client.embeddings.create({ model: 'e', input: [[1], [2, 3]], encoding_format: 'float' });
  expect(lists.data).toHaveLength(2);
});

test.each([
  { input: [] },
  { input: '' },
  { input: ['a', 1] },
  { input: 'a', dimensions: 0 },
  { input: 'a', dimensions: 1.5 },
])('an embedding of %j is refused', async (body) => {
  const reply = await post(await simulator(), '/v1/embeddings', { model: 'e', ...body });
  expect(reply.status).toBe(400);
});

test('moderations flag by words and need no model', async () => {
  const client = openai(await simulator());
  const { results, model } = await client.moderations.create({ input: ['a kind word', 'I will murder him'] });
  expect(model).toBe('omni-moderation-latest');
  expect(results.map((result) => result.flagged)).toEqual([false, true]);
  expect(results[1]!.categories.violence).toBe(true);
  expect(results[1]!.category_scores.violence).toBeGreaterThan(0.5);
  const parts = await client.moderations.create({ input: [{ type: 'text', text: 'fine' }] });
  expect(parts.results).toHaveLength(1);
});

test('completions give n choices for each prompt, cut at 16 tokens by default', async () => {
  const client = openai(await simulator());
  const reply = await client.completions.create({ model: 'm', prompt: ['a', 'b'], n: 2 });
  expect(reply.id).toMatch(/^cmpl-/);
  expect(reply.choices.map((choice) => choice.finish_reason)).toEqual(['length', 'length', 'length', 'length']);
  expect(reply.usage!.completion_tokens).toBe(64);
});

test('a completions stream gives the buffered text, its usage when asked, and [DONE]', async () => {
  const sim = await simulator();
  const request = { model: 'm', prompt: 'Once', max_tokens: 200 };
  const buffered = await openai(sim).completions.create(request);
  let text = '';
  const options = { stream_options: { include_usage: true }, stream: true } as const;
  let usage: unknown;
  for await (const chunk of await openai(sim).completions.create({ ...request, ...options })) {
    text += chunk.choices[0]?.text ?? '';
    usage = chunk.usage;
  }
  expect(text).toBe(buffered.choices[0]!.text);
  expect(usage).toEqual(buffered.usage);
  const raw = await (await post(sim, '/v1/completions', { ...request, stream: true })).text();
  expect(raw.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('a refused completion is empty and ends by content_filter', async () => {
  const client = openai(await simulator());
  const reply = await client.completions.create({ model: 'refuser', prompt: 'Hi' });
  expect(reply.choices).toMatchObject([{ text: '', finish_reason: 'content_filter' }]);
});

test('models are listed in the form of the asking dialect, and every name is one', async () => {
  const sim = await simulator({ profiles: { mine: {} } });
  const ids = (await openai(sim).models.list()).data.map((model) => model.id);
  expect(ids).toEqual(expect.arrayContaining(['fast-v1', 'fast-v2', 'echo', 'mine']));
  expect(await openai(sim).models.retrieve('org/any name')).toMatchObject({ id: 'org/any name', object: 'model' });
  const page = await anthropic(sim).models.list();
  expect(page.data.map((model) => model.id)).toEqual(ids);
  expect(await anthropic(sim).models.retrieve('mine')).toMatchObject({ id: 'mine', type: 'model' });
});

test('the paths answer without /v1 too', async () => {
  const sim = await simulator();
  const reply = await post(sim, '/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'x' }] });
  expect(reply.status).toBe(200);
});
