import { expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream, type UpstreamCall } from '../support/fake-upstream.ts';
import { exchange } from '../support/http-client.ts';
import { seededRandom } from '../support/split-bytes.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const CARD = '4012888888881881';
const OTHER = '5555555555554444';
const EMAIL = 'ada.lovelace@example.com';
const TOKEN = `ghp_${'Ab3x'.repeat(9)}`;

/** What a request says, and what the provider says back: words, and JSON text that a tool is handed. */
interface Said {
  readonly text: string;
  readonly args: string;
}

/** How one protocol writes it. Bodies are written by hand: every byte of the JSON text counts. */
interface Dialect {
  readonly path: string;
  readonly request: (said: Said, isStream: boolean) => string;
  readonly reply: (said: Said) => string;
  readonly events: (texts: readonly string[], args: readonly string[]) => string;
  /** JSON text in a string, or JSON itself. */
  readonly hasText: boolean;
  readonly deltas: { readonly text: RegExp; readonly args: RegExp };
}

const quoted = JSON.stringify;
const sse = (events: readonly string[]): string => events.map((data) => `data: ${data}\n\n`).join('');
const typed = (events: readonly string[]): string =>
  events.map((data) => `event: ${(JSON.parse(data) as { type: string }).type}\ndata: ${data}\n\n`).join('');

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'OpenAI chat': {
    path: '/v1/chat/completions',
    hasText: true,
    request: ({ text, args }, isStream) =>
      `{"model":"m","stream":${isStream},"messages":[{"role":"user","content":${quoted(text)}},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":${quoted(args)}}}]}]}`,
    reply: ({ text, args }) =>
      `{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":${quoted(text)},"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":${quoted(args)}}}]},"finish_reason":"stop"}]}`,
    events: (texts, args) =>
      sse([
        ...texts.map((text) => `{"id":"x","choices":[{"index":0,"delta":{"content":${quoted(text)}}}]}`),
        ...args.map(
          (piece) =>
            `{"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":${quoted(piece)}}}]}}]}`,
        ),
        '{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
        '[DONE]',
      ]),
    deltas: { text: /"content":("(?:[^"\\]|\\.)*")/g, args: /"arguments":("(?:[^"\\]|\\.)*")/g },
  },
  'OpenAI Responses': {
    path: '/v1/responses',
    hasText: true,
    request: ({ text, args }, isStream) =>
      `{"model":"m","stream":${isStream},"input":[{"type":"message","role":"user","content":${quoted(text)}},{"type":"function_call","call_id":"c","name":"f","arguments":${quoted(args)}}]}`,
    reply: ({ text, args }) =>
      `{"id":"x","object":"response","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","content":${quoted(text)}}]},{"type":"function_call","call_id":"c","name":"f","arguments":${quoted(args)}}]}`,
    events: (texts, args) =>
      typed([
        ...texts.map(
          (text) =>
            `{"type":"response.output_text.delta","output_index":0,"content_index":0,"content":"","delta":${quoted(text)}}`,
        ),
        ...args.map(
          (piece) => `{"type":"response.function_call_arguments.delta","output_index":1,"delta":${quoted(piece)}}`,
        ),
        '{"type":"response.completed","response":{"id":"x","status":"completed"}}',
      ]),
    deltas: {
      text: /"content":"","delta":("(?:[^"\\]|\\.)*")|"output_text","content":("(?:[^"\\]|\\.)*")|"content":("(?:[^"\\]|\\.)*")\},\{"type":"function_call"/g,
      args: /arguments\.delta","output_index":1,"delta":("(?:[^"\\]|\\.)*")|"arguments":("(?:[^"\\]|\\.)*")/g,
    },
  },
  'Anthropic messages': {
    path: '/v1/messages',
    hasText: false,
    request: ({ text, args }, isStream) =>
      `{"model":"claude","max_tokens":9,"stream":${isStream},"messages":[{"role":"user","content":${quoted(text)}},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":${args},"end":0}]}]}`,
    reply: ({ text, args }) =>
      `{"id":"x","type":"message","role":"assistant","content":[{"type":"text","text":${quoted(text)}},{"type":"tool_use","id":"t","name":"f","input":${args},"end":0}],"stop_reason":"tool_use"}`,
    events: (texts, args) =>
      typed([
        '{"type":"message_start","message":{"id":"x","type":"message","role":"assistant","content":[]}}',
        '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        ...texts.map(
          (text) => `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${quoted(text)}}}`,
        ),
        '{"type":"content_block_stop","index":0}',
        '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}',
        ...args.map(
          (piece) =>
            `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":${quoted(piece)}}}`,
        ),
        '{"type":"content_block_stop","index":1}',
        '{"type":"message_stop"}',
      ]),
    deltas: {
      text: /"text":("(?:[^"\\]|\\.)*")|"user","content":("(?:[^"\\]|\\.)*")/g,
      args: /"partial_json":("(?:[^"\\]|\\.)*")|"input":(\{.*\}),"end":0/g,
    },
  },
};

/** All that a body or stream says, put together. */
function saidIn(body: string, { deltas }: Dialect): Said {
  const join = (pattern: RegExp): string =>
    [...body.matchAll(pattern)]
      .map((found) => found.slice(1).find((piece) => piece !== undefined)!)
      .map((piece) => (piece.startsWith('"') ? (JSON.parse(piece) as string) : piece))
      .join('');
  return { text: join(deltas.text), args: join(deltas.args) };
}

function inPieces(text: string, random: () => number, most: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieces.at(-1)!.length)
    pieces.push(text.slice(at, at + 1 + Math.floor(random() * most)));
  return pieces;
}

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
  readonly sent: () => Said;
}

/** A provider that says back what it was told; in pieces of at most `most` characters where it streams. */
async function setup(dialect: Dialect, most: number, redaction: object = {}): Promise<Setup> {
  const random = seededRandom(most);
  const upstream = await startFakeUpstream(({ body, outgoing }: UpstreamCall) => {
    const sent = body.toString();
    const said = saidIn(sent, dialect);
    if (!sent.includes('"stream":true')) {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(dialect.reply(said));
      return;
    }
    const events = dialect.events(inPieces(said.text, random, most), inPieces(said.args, random, most));
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
  });
  const gateway = await startTestGateway({
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'k' },
      claude: { type: 'anthropic', baseUrl: upstream.url, apiKey: 'k' },
    },
    models: { m: { target: 'up/m' }, claude: { target: 'claude/claude' } },
    redaction: { emails: 'placeholder', phones: 'placeholder', ...redaction },
  });
  return { gateway, upstream, sent: () => saidIn(upstream.calls.at(-1)!.body.toString(), dialect) };
}

async function ask({ gateway }: Setup, dialect: Dialect, said: Said, isStream: boolean): Promise<string> {
  const body = dialect.request(said, isStream);
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return (await exchange(gateway.url + dialect.path, { body, headers })).text;
}

const SAID: Said = {
  text: `My cards: ${CARD}, 4012-8888-8888-1881, 4012 8888 8888 1881; I am ${EMAIL}, ${EMAIL.toUpperCase()}.`,
  args: `{ "card":${CARD} ,"list":[1.50, ${OTHER},"${CARD}", -3],"${EMAIL}":{"n":12},"phone": 2125550147,"${TOKEN}":"${TOKEN}" }`,
};

test.each(
  Object.entries(DIALECTS).flatMap(([name, dialect]) => [1, 4, 40].map((most) => [name, most, dialect] as const)),
)(
  '%s: numbers, spellings and member names leave as placeholders and come back as they were, in pieces of %i',
  async (_name, most, dialect) => {
    const running = await setup(dialect, most);
    for (const isStream of [false, true]) {
      const reply = await ask(running, dialect, SAID, isStream);
      const sent = running.sent();
      for (const value of [CARD, OTHER, '1881', '2125550147', 'lovelace', 'LOVELACE', TOKEN])
        expect(sent.text + sent.args).not.toContain(value);
      expect(JSON.parse(sent.args)).toMatchObject({
        list: [1.5, expect.stringMatching(/^PII_CC_/), expect.any(String), -3],
      });
      expect(saidIn(reply, dialect)).toEqual(SAID);
    }
  },
);

test.each(Object.entries(DIALECTS))(
  '%s: a number that is masked becomes a string, in a reply as well',
  async (_name, dialect) => {
    const running = await setup(dialect, 3, { cards: { request: 'mask', response: 'mask' } });
    const args = `{"seen_at":${CARD},"a":{"card":${CARD}},"b":${CARD}.25}`;
    await ask(running, dialect, { text: '', args }, true);
    const masked = '"a":{"card":"REDACTED_pii_card"}';
    expect(running.sent().args).toContain(masked);
    expect(running.sent().args).toContain(`"b":${CARD}.25`);
  },
);

test.each(Object.entries(DIALECTS))('%s: a number in a reply is masked however it is cut', async (_name, dialect) => {
  const args = `{"a": {"card":${CARD}, "n":[${OTHER}]}}`;
  const expected = '{"a": {"card":"REDACTED_pii_card", "n":["REDACTED_pii_card"]}}';
  for (const [most, isStream] of [
    [1, true],
    [5, true],
    [60, true],
    [60, false],
  ] as const) {
    const running = await setup(dialect, most, { cards: { request: 'allow', response: 'mask' } });
    expect(saidIn(await ask(running, dialect, { text: 'x', args }, isStream), dialect).args).toBe(expected);
  }
});

test('numbers of the protocol pass, whatever they look like', async () => {
  const running = await setup(DIALECTS['OpenAI chat']!, 9);
  const body = `{"model":"m","seed":${CARD},"max_tokens":2125550147,"messages":[{"role":"user","content":"x"}],"logit_bias":{"50256":-100}}`;
  await exchange(`${running.gateway.url}/v1/chat/completions`, {
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(running.upstream.calls[0]!.body.toString()).toBe(body);
});

test('a number that may not leave is refused by its place', async () => {
  const dialect = DIALECTS['Anthropic messages']!;
  const running = await setup(dialect, 9, { cards: 'block' });
  const reply = await ask(running, dialect, { text: 'x', args: `{"card":${CARD}}` }, false);
  expect(reply).toContain('messages[1].content[0].input.card');
  expect(reply).not.toContain(CARD);
  expect(running.upstream.calls).toEqual([]);
});

test('a pattern of the operator that knows a word of the protocol changes no field name', async () => {
  const own = {
    id: 'custom.word',
    pattern: 'content|messages',
    request: 'mask',
    response: 'mask',
    examples: ['content'],
  };
  const dialect = DIALECTS['OpenAI chat']!;
  const running = await setup(dialect, 9, { rules: [own] });
  const body = '{"model":"m","messages":[{"role":"user","content":"the content"}],"metadata":{"content":"x"}}';
  await exchange(`${running.gateway.url}${dialect.path}`, { body, headers: { 'content-type': 'application/json' } });
  expect(running.upstream.calls[0]!.body.toString()).toBe(
    '{"model":"m","messages":[{"role":"user","content":"the REDACTED_custom_word"}],"metadata":{"REDACTED_custom_word_0":"x"}}',
  );
});
