import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import { CallSize, worstCost } from '../../src/limits/estimate.ts';
import { countBounded, loadTokenizer, mostTokens, tokenizer, type CountTokens } from '../../src/limits/tokenizer.ts';
import { anthropicMessages } from '../../src/simulator/protocols/anthropic-messages.ts';
import { openaiChat } from '../../src/simulator/protocols/openai-chat.ts';
import { openaiResponses } from '../../src/simulator/protocols/openai-responses.ts';

const SEED = 20_261_121;
const UNCHANGED = { params: null, system: null };
const size = (body: object, operation: 'chat' | 'responses' | 'messages' | 'embeddings' | 'text_completion' = 'chat') =>
  new CallSize(operation, JsonDocument.parse(JSON.stringify(body)), 'somebody');
const estimate = (body: object, operation: Parameters<typeof size>[1] = 'chat') =>
  size(body, operation).estimate(UNCHANGED, null, null);

let count: CountTokens;
beforeAll(async () => {
  await loadTokenizer('o200k_base');
  count = tokenizer('o200k_base')!;
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.lorem({ maxCount: 40 }),
  fc.base64String({ maxLength: 600 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const messages = fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: text }), {
  minLength: 1,
  maxLength: 8,
});
const tools = fc.array(
  fc.record({ name: fc.stringMatching(/^[a-z_]{1,20}$/), description: text }).map((described) => ({
    type: 'function',
    function: { ...described, parameters: { type: 'object', properties: { place: { type: 'string' } } } },
  })),
  { maxLength: 3 },
);
const body = fc.record({
  messages,
  tools,
  max_tokens: fc.integer({ min: 1, max: 4_000 }),
  n: fc.integer({ min: 1, max: 5 }),
});

describe('what a request is estimated at', () => {
  it('is never less than what a provider bills, where the output is capped', () => {
    fc.assert(
      fc.property(body, (call) => {
        const { inputTokens, outputTokens } = estimate({ model: 'm', ...call });
        const prompt = openaiChat.readPrompt(call);
        expect(inputTokens).toBeGreaterThanOrEqual(prompt.inputTokens);
        expect(outputTokens).toBe(prompt.maxTokens! * prompt.choices);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('is never less than the bill of the other protocols either', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 900 }), (said, cap) => {
        const input = said.map(({ content }) => ({ role: 'user', content }));
        const asResponses = { input, max_output_tokens: cap };
        const asMessages = { messages: input, max_tokens: cap, system: 'Be brief.' };
        expect(estimate(asResponses, 'responses').inputTokens).toBeGreaterThanOrEqual(
          openaiResponses.readPrompt(asResponses).inputTokens,
        );
        expect(estimate(asMessages, 'messages').inputTokens).toBeGreaterThanOrEqual(
          anthropicMessages.readPrompt(asMessages).inputTokens,
        );
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('holds every token that the model’s own tokenizer counts, and the frame of each message', () => {
    fc.assert(
      fc.property(body, (call) => {
        const { inputTokens } = size(call).estimate(UNCHANGED, null, count);
        const said = call.messages.reduce((sum, { role, content }) => sum + count(role) + count(content) + 4, 3);
        const offered = call.tools.reduce((sum, tool) => sum + count(tool.function.description), 0);
        expect(inputTokens).toBeGreaterThanOrEqual(said + offered);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('is close to the truth for prose with a tokenizer', () => {
    const content = 'The river bends where the ground is soft, and it goes on bending. '.repeat(50);
    const { inputTokens, likelyInput } = size({ messages: [{ role: 'user', content }] }).estimate(
      UNCHANGED,
      null,
      count,
    );
    expect(inputTokens).toBeLessThan(count(content) + 100);
    expect(likelyInput()).toBe(count(content) + 4);
  });

  it('takes the larger cap where there are two, for each choice', () => {
    expect(estimate({ max_tokens: 5, max_completion_tokens: 9, n: 3, messages: [] }).outputTokens).toBe(27);
    expect(estimate({ max_tokens: 5, prompt: ['a', 'b'], best_of: 4 }, 'text_completion').outputTokens).toBe(40);
  });

  it('takes what an arm sets before what the app asks for', () => {
    const changes = { params: { max_tokens: 700 }, system: 'x'.repeat(100) };
    const { inputTokens, outputTokens } = size({ max_tokens: 5, messages: [] }).estimate(changes, null, null);
    expect(outputTokens).toBe(700);
    expect(inputTokens).toBeGreaterThan(100);
  });

  it('takes the model’s longest reply where nothing is capped, or a cap of its own where that is not known', () => {
    const facts = { tokenizer: null, context: 10_000, maxOutput: 800, picture: null };
    expect(size({ messages: [] }).estimate(UNCHANGED, facts, null)).toMatchObject({ outputTokens: 800, cap: null });
    expect(estimate({ messages: [] })).toMatchObject({ outputTokens: 4096, cap: { max_tokens: 4096 } });
    expect(estimate({ input: 'x' }, 'responses').cap).toEqual({ max_output_tokens: 4096 });
    expect(estimate({ input: 'x' }, 'embeddings')).toMatchObject({ outputTokens: 0, cap: null });
    expect(estimate({ max_tokens: null, messages: [] }).outputTokens).toBe(4096);
  });

  it.each([
    { max_tokens: '90000' },
    { max_tokens: 5, max_completion_tokens: '90000' },
    { max_tokens: -1 },
    { max_tokens: 10.5 },
    { max_tokens: 1e300 },
    { max_tokens: true },
    { max_tokens: [90_000] },
    { max_tokens: 5, n: '900' },
    { max_tokens: 5, best_of: -7 },
  ])('refuses a bound that some server would read as another one: %j', (fields) => {
    expect(() => estimate({ messages: [], ...fields })).toThrow(/must be a whole number, 0 or more/);
  });

  it('takes the largest of all names that some server has for the bound', () => {
    expect(estimate({ max_tokens: 5, n_predict: 70, messages: [] }).outputTokens).toBe(70);
    expect(estimate({ max_tokens: 5, max_new_tokens: 80 }, 'messages').outputTokens).toBe(80);
    expect(estimate({ max_output_tokens: 5, max_tokens: 90, input: 'x' }, 'responses').outputTokens).toBe(90);
  });

  it('takes a bound of 0 for none where some server does', () => {
    expect(estimate({ max_completion_tokens: 0, messages: [] })).toMatchObject({ outputTokens: 4096 });
    expect(estimate({ max_completion_tokens: 0, max_tokens: 9, messages: [] }).outputTokens).toBe(9);
    expect(estimate({ max_tokens: 0, messages: [] }, 'messages')).toMatchObject({ outputTokens: 0, cap: null });
    expect(estimate({ max_tokens: 0, prompt: 'x' }, 'text_completion')).toMatchObject({ outputTokens: 0, cap: null });
  });

  it('adds a prediction to the output, by which it is charged where it does not come true', () => {
    const prediction = { type: 'content', content: 'x'.repeat(500) };
    expect(estimate({ max_tokens: 5, prediction, messages: [] }).outputTokens).toBeGreaterThan(505);
  });

  it('adds what a provider puts before tools, and for tools that it knows by their type', () => {
    const plain = estimate({ max_tokens: 5, messages: [] }, 'messages').inputTokens;
    const tools = [{ type: 'bash_20250124', name: 'bash' }];
    expect(estimate({ max_tokens: 5, messages: [], tools }, 'messages').inputTokens).toBeGreaterThan(plain + 2_000);
  });

  it.each([
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] }],
    [{ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }],
    [{ input: 'x', previous_response_id: 'resp_1' }],
    [{ input: 'x', tools: [{ type: 'web_search' }] }],
    [{ messages: [], web_search_options: {} }],
  ])('takes the whole context for an input that cannot be seen: %j', (call) => {
    const facts = { tokenizer: null, context: 77_000, maxOutput: null, picture: null };
    expect(size(call).estimate(UNCHANGED, facts, null).inputTokens).toBe(77_000);
    expect(estimate(call).inputTokens).toBe(200_000);
  });

  it('counts a picture by the most that one can be, whatever its data', () => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(500_000)}` } };
    const { inputTokens } = estimate({ messages: [{ role: 'user', content: [picture] }] });
    expect(inputTokens).toBeGreaterThan(6_000);
    expect(inputTokens).toBeLessThan(7_000);
    const facts = { tokenizer: null, context: null, maxOutput: null, picture: 50_000 };
    const mini = size({ messages: [{ role: 'user', content: [picture] }] }).estimate(UNCHANGED, facts, null);
    expect(mini.inputTokens).toBeGreaterThan(50_000);
  });

  it.each([
    [{ role: 'user', type: 'image', content: 'x'.repeat(50_000) }],
    [{ role: 'user', content: [{ type: 'image_url', text: 'x'.repeat(50_000), image_url: { url: 'https://a.b/c' } }] }],
  ])('counts the text that stands beside a picture, or is only called one', (message) => {
    expect(estimate({ messages: [message] }).inputTokens).toBeGreaterThan(50_000);
    expect(
      size({ messages: [message] }).estimate(UNCHANGED, null, (piece) => piece.length).inputTokens,
    ).toBeGreaterThan(50_000);
  });

  it('counts a prompt that is tokens already', () => {
    expect(estimate({ input: [1, 2, 3] }, 'embeddings').inputTokens).toBeGreaterThanOrEqual(3);
  });

  it('costs what long prompts cost, where it may be one, and what is kept for longer, where that may be', () => {
    const price = { input: 1, cachedInput: 1, output: 1, longCacheWrite: 2 };
    const long = { above: 1_000, input: 4, cachedInput: 1, output: 10, longCacheWrite: 8 };
    const call = { inputTokens: 1_000, outputTokens: 1, likelyInput: 0, keepsLong: false, cap: null };
    expect(worstCost(call, { ...price, longPrompt: long })).toBe(1_001_000);
    expect(worstCost({ ...call, inputTokens: 1_001 }, { ...price, longPrompt: long })).toBe(1_001 * 4_000 + 10_000);
    expect(worstCost({ ...call, keepsLong: true }, price)).toBe(2_001_000);
    const cached = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }];
    expect(estimate({ max_tokens: 1, messages: [{ role: 'user', content: cached }] }, 'messages').keepsLong).toBe(true);
    expect(estimate({ max_tokens: 1, messages: [] }, 'messages').keepsLong).toBe(false);
  });

  it('costs whole nano dollars, never less than the tokens at their dearest', () => {
    const price = { input: 2.5, cachedInput: 0.25, cacheWrite: 3.125, output: 10 };
    const call = { inputTokens: 1_001, outputTokens: 7, keepsLong: false };
    expect(worstCost(call, price)).toBe(Math.ceil(1_001 * 3_125 + 7 * 10_000));
    expect(worstCost({ ...call, inputTokens: 1, outputTokens: 0 }, { input: 0.0375, cachedInput: 0, output: 0 })).toBe(
      38,
    );
  });
});

describe('counting tokens', () => {
  it('is never more than the bytes, nor less than all of the text', () => {
    fc.assert(
      fc.property(text, (piece) => {
        expect(count(piece)).toBeLessThanOrEqual(mostTokens(piece));
        expect(count(`${piece} <|endoftext|>`)).toBeGreaterThanOrEqual(count(piece));
      }),
      { seed: SEED },
    );
  });

  it('stops where it would take long, and takes the bytes for the rest', () => {
    let asked = 0;
    const slow: CountTokens = (piece) => ((asked += piece.length), piece.length);
    expect(countBounded('x'.repeat(1_000_000), slow)).toBe(1_000_000);
    expect(asked).toBeLessThan(20_000);
    let longest = 0;
    const quick: CountTokens = (piece) => ((longest = Math.max(longest, piece.length)), 1);
    expect(countBounded('word '.repeat(200_000), quick)).toBeGreaterThan(1_000_000 - 270_000);
    expect(longest).toBeLessThanOrEqual(2048);
    countBounded('y'.repeat(2_000), (piece) => ((longest = piece.length), 1));
    expect(longest).toBeLessThanOrEqual(128);
  });
});
