import { expect, it, vi } from 'vitest';
import type { RunningSimulator } from '../../src/simulator/simulator.ts';
import { post, simulator, user } from './support.ts';

const tools = [{ name: 'get_weather', parameters: { type: 'object', properties: { place: { type: 'string' } } } }];
const CALLS: [string, object][] = [
  ['/v1/chat/completions', { messages: [user('Where is the river?')], n: 3, stream_options: { include_usage: true } }],
  [
    '/v1/chat/completions',
    {
      messages: [user('Where?')],
      tools: tools.map((each) => ({ type: 'function', function: each })),
      stream_options: { include_usage: true },
    },
  ],
  ['/v1/completions', { prompt: ['One', 'Two'], max_tokens: 40, stream_options: { include_usage: true } }],
  ['/v1/responses', { input: 'Where is the river?', max_output_tokens: 30 }],
  ['/v1/responses', { input: 'Where?', tools: tools.map((each) => ({ type: 'function', ...each })) }],
  ['/v1/messages', { messages: [user('Where is the river?')], max_tokens: 50 }],
  [
    '/v1/messages',
    {
      messages: [user('Where?')],
      max_tokens: 50,
      tools: tools.map(({ name, parameters }) => ({ name, input_schema: parameters })),
    },
  ],
];

async function settled(sim: RunningSimulator): Promise<void> {
  await vi.waitFor(() => expect(sim.stats().openStreams).toBe(0), { interval: 1 });
}

/** The last usage that a stream tells. */
function usageIn(events: string): { input: number; output: number } {
  const told = [...events.matchAll(/"(prompt|completion|input|output)_tokens":(\d+)/g)];
  const last = (names: string[]): number => Number(told.findLast(([, name]) => names.includes(name!))![2]);
  return { input: last(['prompt', 'input']), output: last(['completion', 'output']) };
}

it.each(['m', 'refuser'])(
  'the bill of a stream that ran to its end is the usage that it tells, of %s',
  async (model) => {
    for (const [path, body] of CALLS) {
      const sim = await simulator();
      const { input, output } = usageIn(await (await post(sim, path, { ...body, model, stream: true })).text());
      await settled(sim);
      expect([path, sim.stats()]).toMatchObject([path, { inputTokens: input, outputTokens: output }]);
    }
  },
);

it('a stream that breaks off is billed for its input and for the deltas that were sent', async () => {
  const sim = await simulator();
  sim.setFaults([{ kind: 'cut', afterEvents: 12 }]);
  const reply = await post(sim, '/v1/chat/completions', { model: 'm', messages: [user('Where?')], stream: true });
  let text = '';
  await expect(
    (async () => {
      for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })(),
  ).rejects.toThrow('terminated');
  await settled(sim);
  expect(text.match(/"content":"[^"]/g)).toHaveLength(11);
  expect(sim.stats().outputTokens).toBe(11);
  expect(sim.stats().inputTokens).toBeGreaterThan(0);
});

it('a buffered reply that breaks off was written whole, a request that failed was not', async () => {
  const sim = await simulator({ faults: [{ kind: 'cut' }] });
  await expect((await post(sim, '/v1/messages', { ...CALLS[5]![1], model: 'm' })).text()).rejects.toThrow('terminated');
  expect(sim.stats().outputTokens).toBeGreaterThan(30);
  for (const kind of ['http-503', 'error-200', 'html'] as const) {
    const failing = await simulator({ faults: [{ kind }] });
    await (await post(failing, '/v1/messages', { ...CALLS[5]![1], model: 'm' })).text();
    expect(failing.stats()).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  }
});
