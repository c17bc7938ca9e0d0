import { expect, test } from 'vitest';
import {
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { exchange, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

interface Protocol {
  readonly name: string;
  readonly path: string;
  /** Complete events of an unfinished stream. */
  readonly begun: string;
  /** The event that tells the cut: its name, null for none, and its data. */
  readonly error: (code: string) => { readonly event: string | null; readonly data: unknown };
}

const TEXT = expect.stringMatching(/./) as string;
const openAiError = (code: string): unknown => ({ message: TEXT, type: 'server_error', param: null, code });

const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'chat',
    path: '/v1/chat/completions',
    begun: 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n',
    error: (code) => ({ event: null, data: { error: openAiError(code) } }),
  },
  {
    name: 'completions',
    path: '/v1/completions',
    begun: 'data: {"choices":[{"index":0,"text":"Hel"}]}\n\n',
    error: (code) => ({ event: null, data: { error: openAiError(code) } }),
  },
  {
    name: 'responses',
    path: '/v1/responses',
    begun: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hel"}\n\n',
    error: (code) => ({ event: 'error', data: { type: 'error', error: openAiError(code) } }),
  },
  {
    name: 'messages',
    path: '/v1/messages?beta=true',
    begun: 'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1"}}\n\n',
    error: () => ({
      event: 'error',
      data: {
        type: 'error',
        error: { type: 'api_error', message: TEXT },
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      },
    }),
  },
];

/** A whole event as clients read it; null where the text is not exactly one. */
function parseEvent(text: string): { readonly event: string | null; readonly data: unknown } | null {
  const [, event = null, data] = /^(?:event: (.+)\n)?data: (.+)\n\n$/.exec(text) ?? [];
  return data === undefined ? null : { event, data: JSON.parse(data) as unknown };
}

const MAY_NOT_BREAK = { timeouts: { idle: '50ms', total: '10s' } };

async function setup(
  handler: UpstreamHandler,
  redaction: object = {},
  upstreamSection: object = MAY_NOT_BREAK,
): Promise<{ gateway: TestGateway; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: {
      openai: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      claude: { type: 'anthropic', baseUrl: upstream.url },
    },
    models: { m: { provider: 'openai' }, claude: { provider: 'claude' } },
    upstream: upstreamSection,
    redaction,
  });
  return { gateway, upstream };
}

function stream({ url }: TestGateway, { name, path }: Pick<Protocol, 'name' | 'path'>): Promise<HttpReply> {
  return exchange(`${url}${path}`, {
    body: JSON.stringify({ model: name === 'messages' ? 'claude' : 'm', stream: true }),
  });
}

function begin({ outgoing }: UpstreamCall, text: string): void {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  outgoing.write(text);
}

/** After the events that came before the cut: the one error event, no end marker, and no end of the framing. */
function expectCut(reply: HttpReply, protocol: Protocol, code: string): void {
  expect(reply.status).toBe(200);
  expect(reply.text.startsWith(protocol.begun)).toBe(true);
  expect(parseEvent(reply.text.slice(protocol.begun.length))).toEqual(protocol.error(code));
  expect(reply.isComplete).toBe(false);
}

const CUTS: readonly [string, string, (call: UpstreamCall) => void][] = [
  [
    'a reset',
    'upstream_unavailable',
    ({ outgoing }) => void outgoing.socket!.write('', () => outgoing.socket!.resetAndDestroy()),
  ],
  ['a closed connection', 'upstream_unavailable', ({ outgoing }) => void outgoing.socket!.end()],
  ['a clean end', 'upstream_unavailable', ({ outgoing }) => void outgoing.end()],
  ['silence', 'upstream_timeout', () => {}],
];

for (const [cut, code, how] of CUTS) {
  test(`${cut} in the middle of a stream becomes one error event in the form of its protocol`, async () => {
    const { gateway } = await setup((call) => {
      begin(call, PROTOCOLS.find(({ path }) => path === call.url)!.begun);
      call.outgoing.write('', () => how(call));
    });
    const replies = await Promise.all(PROTOCOLS.map((protocol) => stream(gateway, protocol)));
    for (const [index, protocol] of PROTOCOLS.entries()) expectCut(replies[index]!, protocol, code);
    expect(gateway.log.requests.map(({ outcome, errorType, status }) => [outcome, errorType, status])).toEqual(
      PROTOCOLS.map(() => ['truncated', code, 200]),
    );
  });
}

const [CHAT] = PROTOCOLS as [Protocol];

test('an unfinished event is not sent on as if it were whole: the error event stands apart from it', async () => {
  const half = 'data: {"choices":[{"index":0,"del';
  const { gateway } = await setup((call) => {
    begin(call, CHAT.begun + half);
    call.outgoing.end();
  });
  const { text, isComplete } = await stream(gateway, CHAT);
  expect(isComplete).toBe(false);
  const last = text.slice(text.lastIndexOf('\n\n', text.length - 3) + 2);
  expect(parseEvent(last)).toEqual(CHAT.error('upstream_unavailable'));
});

test('a stream that ends without a single event is an error, too', async () => {
  const { gateway } = await setup((call) => {
    begin(call, ': hello\n\n');
    call.outgoing.end();
  });
  const reply = await stream(gateway, CHAT);
  expect([reply.text.includes('"upstream_unavailable"'), reply.isComplete]).toEqual([true, false]);
});

test('a cut stream is never tried again, neither here nor at a fallback', async () => {
  const upstream = await startFakeUpstream((call) => {
    begin(call, CHAT.begun);
    call.outgoing.end();
  });
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { target: 'up/one', fallbacks: ['up/two'] } },
    upstream: { retries: { attempts: 3 } },
  });
  expectCut(await stream(gateway, CHAT), CHAT, 'upstream_unavailable');
  expect(upstream.calls).toHaveLength(1);
});

test('cut streams in a row open the circuit of their target, whole ones in between do not', async () => {
  let isCut = true;
  const { gateway } = await setup(
    (call) => {
      begin(call, CHAT.begun);
      call.outgoing.end(isCut ? '' : 'data: [DONE]\n\n');
    },
    {},
    { circuitBreaker: { failures: 2 } },
  );
  const states: number[] = [];
  for (const next of [true, false, true, true]) {
    isCut = next;
    await stream(gateway, CHAT);
    states.push((await gateway.metrics()).sum('sluice_circuit_state', { provider: 'openai' }));
  }
  expect(states).toEqual([0, 0, 0, 1]);
});

test('the provider’s own error event passes unchanged, counts as an error and ends the stream cleanly', async () => {
  const error = 'data: {"error":{"message":"overloaded","type":"server_error","param":null,"code":null}}\n\n';
  const { gateway } = await setup((call) => {
    begin(call, CHAT.begun);
    call.outgoing.end(`${error}data: [DONE]\n\n`);
  });
  const reply = await stream(gateway, CHAT);
  expect([reply.text, reply.isComplete]).toEqual([`${CHAT.begun}${error}data: [DONE]\n\n`, true]);
  expect(gateway.log.requests).toMatchObject([{ outcome: 'error', errorType: 'upstream_error' }]);
});

test('an event that never ends is cut off at its limit', async () => {
  const { gateway, upstream } = await setup((call) => {
    begin(call, `${CHAT.begun}data: `);
    const fill = (): void => {
      while (!call.outgoing.destroyed && call.outgoing.write('x'.repeat(65_536)));
      call.outgoing.once('drain', fill);
    };
    fill();
  });
  expectCut(await stream(gateway, CHAT), CHAT, 'upstream_unavailable');
  expect(await upstream.calls[0]!.left).toBe(true);
});

const BROKEN = 'data: {"choices":[{"index":0,"delta":{"content":"ada@exam\n\n';

test('an event that is no JSON passes without redaction', async () => {
  const off = { secrets: 'allow', cards: 'allow', ibans: 'allow', national_ids: 'allow', generic_secrets: 'allow' };
  const { gateway } = await setup((call) => {
    begin(call, BROKEN);
    call.outgoing.end('data: [DONE]\n\n');
  }, off);
  expect((await stream(gateway, CHAT)).text).toBe(`${BROKEN}data: [DONE]\n\n`);
});

test('an event that is no JSON ends the stream where it would have to be redacted', async () => {
  const { gateway, upstream } = await setup(
    (call) => {
      begin(call, CHAT.begun);
      call.outgoing.write(BROKEN);
    },
    { emails: 'mask' },
  );
  const reply = await stream(gateway, CHAT);
  expect(reply.isComplete).toBe(false);
  expect(reply.text).not.toContain('ada@');
  expect(reply.text).toMatch(/"error":\{/);
  expect(await upstream.calls[0]!.left).toBe(true);
});

test('a value that may not pass ends the stream before it', async () => {
  const { gateway, upstream } = await setup(
    (call) =>
      begin(
        call,
        `${CHAT.begun}data: {"choices":[{"index":0,"delta":{"content":" to ada@example.com now and more text"}}]}\n\n`,
      ),
    { emails: { request: 'allow', response: 'block' } },
  );
  const reply = await stream(gateway, CHAT);
  expect(reply.text).not.toContain('ada@');
  expect(reply.text).toContain('"code":"secret_detected"');
  expect(reply.isComplete).toBe(false);
  expect(await upstream.calls[0]!.left).toBe(true);
});

test('what redaction held back is judged and sent before the error of a cut', async () => {
  const { gateway } = await setup(
    (call) => {
      begin(call, 'data: {"choices":[{"index":0,"delta":{"content":"write to ada@exam"}}]}\n\n');
      call.outgoing.socket!.write('', () => call.outgoing.socket!.end());
    },
    { emails: 'mask' },
  );
  const { text } = await stream(gateway, CHAT);
  expect(text).toContain('write to');
  expect(parseEvent(text.slice(text.lastIndexOf('data: ')))).toEqual(CHAT.error('upstream_unavailable'));
});
