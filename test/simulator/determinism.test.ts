import { expect, test } from 'vitest';
import { post, simulator, user, WEATHER_SCHEMA } from './support.ts';

const WEATHER_TOOL = { type: 'function', function: { name: 'get_weather', parameters: WEATHER_SCHEMA } };
const CALLS: readonly (readonly [string, object])[] = [
  ['/v1/chat/completions', { model: 'fast-v1', messages: [user('Hi')], stream: true, n: 2 }],
  ['/v1/chat/completions', { model: 'candidate', messages: [user('Hi')], stream: true, tools: [WEATHER_TOOL] }],
  ['/v1/responses', { model: 'fast-v1', input: 'Hi', stream: true }],
  ['/v1/messages', { model: 'fast-v1', max_tokens: 50, messages: [user('Hi')], stream: true }],
  ['/v1/completions', { model: 'fast-v1', prompt: 'Hi' }],
  ['/v1/embeddings', { model: 'fast-v1', input: 'Hi', dimensions: 8 }],
  ['/v1/moderations', { input: 'Hi' }],
];

async function transcript(seed: number): Promise<string[]> {
  const sim = await simulator({ seed });
  const replies: string[] = [];
  for (const [path, body] of CALLS) {
    const reply = await post(sim, path, body);
    const ids = [reply.headers.get('x-request-id'), reply.headers.get('request-id')];
    replies.push(`${reply.status} ${ids.join()} ${await reply.text()}`);
  }
  return replies;
}

test('two fresh simulators with one seed give the same bytes', async () => {
  expect(await transcript(7)).toEqual(await transcript(7));
});

test('another seed gives other replies', async () => {
  const [first, second] = [await transcript(7), await transcript(8)];
  expect(first.filter((reply, index) => reply === second[index])).toEqual([]);
});

test('a repeated request keeps its words and gets new ids', async () => {
  const sim = await simulator();
  const ask = async (): Promise<{ id: string; choices: { message: { content: string } }[] }> =>
    (await post(sim, '/v1/chat/completions', { model: 'm', messages: [user('Hi')] })).json() as never;
  const [first, second] = [await ask(), await ask()];
  expect(second.choices).toEqual(first.choices);
  expect(second.id).not.toBe(first.id);
});

test('two models answer one request differently', async () => {
  const sim = await simulator();
  const ask = async (model: string): Promise<unknown> => {
    const reply = await post(sim, '/v1/chat/completions', { model, messages: [user('Hi')] });
    return ((await reply.json()) as { choices: unknown }).choices;
  };
  expect(await ask('one')).not.toEqual(await ask('two'));
  expect(await ask('fast-v1')).not.toEqual(await ask('fast-v2'));
});

test('a rate strikes its share of equal requests, the same ones each time', async () => {
  const statuses = async (): Promise<number[]> => {
    const sim = await simulator({ seed: 3, profiles: { m: { errorRate: 0.3, errorStatus: 429 } } });
    const found: number[] = [];
    for (let call = 0; call < 60; call++) {
      const reply = await post(sim, '/v1/chat/completions', { model: 'm', messages: [user('Hi')] });
      await reply.arrayBuffer();
      found.push(reply.status);
    }
    return found;
  };
  const first = await statuses();
  expect(await statuses()).toEqual(first);
  const failed = first.filter((status) => status === 429).length;
  expect(failed).toBeGreaterThan(8);
  expect(failed).toBeLessThan(30);
});
