import type Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sendJson } from './surface/answers.ts';
import { compare } from './surface/both-ways.ts';
import type { Answer } from './surface/recording-upstream.ts';
import { speaksChat, speaksMessages, speaksResponses, speaksRuns } from './surface/spoken.ts';
import { allOf } from './surface/sweep.ts';
import { anthropicWays, KEYED, openaiWays, OPEN } from './surface/ways.ts';

const SHAPE = z.object({ city: z.string(), days: z.number() });
const CITY = z.object({ city: z.string() });
const MESSAGES = [{ role: 'user' as const, content: 'How is the weather in Köln?' }];
const CHAT = { model: 'a-model', messages: MESSAGES };
const MESSAGE = { ...CHAT, max_tokens: 100 };
const ASSISTANT = { assistant_id: 'asst_1' };

const CHAT_TOOL = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Tells the weather.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    parse: JSON.parse,
    function: ({ city }: { readonly city: string }) => `sun in ${city}`,
  },
};
const BETA_TOOL = betaZodTool({
  name: 'weather',
  description: 'Tells the weather.',
  inputSchema: CITY,
  run: ({ city }) => `sun in ${city}`,
});

/** @param requests that the helper makes */
type Helped<Client> = readonly [
  name: string,
  requests: number,
  answer: Answer,
  call: (client: Client) => Promise<unknown>,
];

const OPENAI_HELPERS: readonly Helped<OpenAI>[] = [
  ['a stream of chat', 1, speaksChat, ({ chat }) => chat.completions.stream(CHAT).finalChatCompletion()],
  [
    'a shape of chat',
    1,
    speaksChat,
    ({ chat }) => chat.completions.parse({ ...CHAT, response_format: zodResponseFormat(SHAPE, 'weather') }),
  ],
  [
    'tools of chat',
    2,
    speaksChat,
    ({ chat }) => chat.completions.runTools({ ...CHAT, tools: [CHAT_TOOL] }).finalContent(),
  ],
  [
    'tools of chat, streamed',
    2,
    speaksChat,
    ({ chat }) => chat.completions.runTools({ ...CHAT, stream: true, tools: [CHAT_TOOL] }).finalChatCompletion(),
  ],
  [
    'a stream of responses',
    1,
    speaksResponses,
    ({ responses }) =>
      responses.stream({ model: 'a-model', input: 'Hi', previous_response_id: 'resp_0' }).finalResponse(),
  ],
  [
    'a shape of responses',
    1,
    speaksResponses,
    ({ responses }) =>
      responses.parse({ model: 'a-model', input: 'Hi', text: { format: zodTextFormat(SHAPE, 'weather') } }),
  ],
  ['an assistant', 1, speaksRuns, ({ beta }) => beta.threads.runs.stream('thread_1', ASSISTANT).finalMessages()],
  ['an assistant with a thread', 1, speaksRuns, ({ beta }) => beta.threads.createAndRunStream(ASSISTANT).finalRun()],
  [
    'an assistant’s tools',
    1,
    speaksRuns,
    ({ beta }) =>
      beta.threads.runs.submitToolOutputsStream('run_1', { thread_id: 'thread_1', tool_outputs: [] }).finalRun(),
  ],
  ['a reply as it came', 1, speaksChat, async ({ chat }) => (await chat.completions.create(CHAT).asResponse()).text()],
  [
    'a reply and its headers',
    1,
    speaksChat,
    async ({ chat }) => {
      const { data, response, request_id } = await chat.completions.create(CHAT).withResponse();
      return { data, request_id, status: response.status, tomorrow: response.headers.get('x-of-tomorrow') };
    },
  ],
];

const ANTHROPIC_HELPERS: readonly Helped<Anthropic>[] = [
  ['a stream', 1, speaksMessages, ({ messages }) => messages.stream(MESSAGE).finalMessage()],
  ['a stream’s text', 1, speaksMessages, ({ beta }) => beta.messages.stream(MESSAGE).finalText()],
  [
    'a shape',
    1,
    speaksMessages,
    ({ messages }) => messages.parse({ ...MESSAGE, output_config: { format: zodOutputFormat(SHAPE) } }),
  ],
  [
    'tools',
    2,
    speaksMessages,
    ({ beta }) => beta.messages.toolRunner({ ...MESSAGE, tools: [BETA_TOOL] }).runUntilDone(),
  ],
  [
    'tools, streamed',
    2,
    speaksMessages,
    async ({ beta }) => {
      const turns: unknown[] = [];
      for await (const turn of beta.messages.toolRunner({ ...MESSAGE, stream: true, tools: [BETA_TOOL] }))
        turns.push(await turn.finalMessage());
      return turns;
    },
  ],
  [
    'a reply as it came',
    1,
    speaksMessages,
    async ({ messages }) => (await messages.create(MESSAGE).asResponse()).text(),
  ],
  [
    'a reply and its headers',
    1,
    speaksMessages,
    async ({ messages }) => {
      const { data, response, request_id } = await messages.create(MESSAGE).withResponse();
      return { data, request_id, status: response.status, tomorrow: response.headers.get('x-of-tomorrow') };
    },
  ],
];

/** What was said, or the run in which it was. */
const TOLD = /Köln|run_1/;

test.each(OPENAI_HELPERS)(
  'OpenAI’s helper for %s gets the same through a gateway',
  async (_name, count, answer, call) => {
    const { difference, requests, outcome } = await compare(await openaiWays(OPEN), answer, call);
    expect(difference).toBeNull();
    expect(requests).toBe(count);
    expect(JSON.stringify(outcome)).toMatch(TOLD);
  },
);

test.each(ANTHROPIC_HELPERS)(
  'Anthropic’s helper for %s gets the same through a gateway',
  async (_name, count, answer, call) => {
    const { difference, requests, outcome } = await compare(await anthropicWays(OPEN), answer, call);
    expect(difference).toBeNull();
    expect(requests).toBe(count);
    expect(JSON.stringify(outcome)).toMatch(TOLD);
  },
);

/** Refused as often as is said, then answered. */
function failing(status: number, times: number, then: Answer): Answer {
  return (outgoing, index, request) => {
    if (index >= times) return then(outgoing, index, request);
    const error = { type: 'made_up_error', message: `Refused with ${status}.`, param: null, code: 'made_up' };
    const body = JSON.stringify({ type: 'error', error, request_id: 'req_9' });
    const headers = { 'content-type': 'application/json', 'x-request-id': 'req_9', 'request-id': 'req_9' };
    outgoing.writeHead(status, { ...headers, 'retry-after-ms': '1', 'content-length': body.length });
    return outgoing.end(body);
  };
}

const STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529];
/** Its own retries would hide those of the SDK. */
const NO_RETRIES = { upstream: { retries: { attempts: 0 } } };

test.each(STATUSES)('a status of %i is the same error with both SDKs', async (status) => {
  const openai = await compare(await openaiWays(NO_RETRIES), failing(status, 9, speaksChat), ({ chat }) =>
    chat.completions.create(CHAT),
  );
  const anthropic = await compare(await anthropicWays(NO_RETRIES), failing(status, 9, speaksMessages), ({ messages }) =>
    messages.stream(MESSAGE).finalMessage(),
  );
  for (const { difference, outcome } of [openai, anthropic]) {
    expect(difference).toBeNull();
    expect(outcome).toMatchObject({ status, requestID: 'req_9' });
  }
});

test.each([408, 409, 429, 500, 503])(
  'after a %i the SDKs try again as they would without a gateway',
  async (status) => {
    const options = { maxRetries: 2 };
    const openai = await compare(await openaiWays(NO_RETRIES), failing(status, 2, speaksChat), ({ chat }) =>
      chat.completions.create(CHAT, options),
    );
    const anthropic = await compare(
      await anthropicWays(NO_RETRIES),
      failing(status, 2, speaksMessages),
      ({ messages }) => messages.create(MESSAGE, options),
    );
    for (const { difference, requests, outcome } of [openai, anthropic]) {
      expect(difference).toBeNull();
      expect(requests).toBe(3);
      expect(JSON.stringify(outcome)).toMatch(TOLD);
    }
  },
);

test('the results of a batch are read through the gateway, wherever the provider says they are', async () => {
  const { client, upstream } = (await anthropicWays(KEYED)).through;
  const results_url = 'https://api.anthropic.com/v1/messages/batches/msgbatch_01AbCd/results';
  const result = { custom_id: 'mine', result: { type: 'canceled' } };
  upstream.follow((outgoing, index) => {
    if (index === 0) return sendJson(outgoing, { id: 'msgbatch_01AbCd', processing_status: 'ended', results_url });
    outgoing.writeHead(200, { 'content-type': 'application/x-jsonl' }).end(`${JSON.stringify(result)}\n`);
  });
  const results = await allOf(await client.messages.batches.results('msgbatch_01AbCd'));
  expect(results).toEqual([result]);
  expect(upstream.recorded.map(({ url }) => url)).toEqual([
    '/v1/messages/batches/msgbatch_01AbCd',
    '/v1/messages/batches/msgbatch_01AbCd/results',
  ]);
});

test('a provider that does not answer in the time that an app allows is a timeout', async () => {
  const never: Answer = () => {};
  const options = { timeout: 100 };
  const openai = (await openaiWays(OPEN)).through;
  openai.upstream.follow(never);
  await expect(openai.client.models.list(options)).rejects.toThrow(/timed out/);
  const anthropic = (await anthropicWays(OPEN)).through;
  anthropic.upstream.follow(never);
  await expect(anthropic.client.messages.create(MESSAGE, options)).rejects.toThrow(/timed out/);
});
