import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
const MAIL = 'ada.lovelace@example.com';

interface World {
  readonly gateway: TestGateway;
  readonly collector: OtlpReceiver;
  readonly upstream: FakeUpstream;
}

/** `busy` fails, `silent` says nothing; everything else answers. */
async function setup(traces: object = {}, config: TestConfig = {}): Promise<World> {
  const collector = await startOtlpReceiver();
  const upstream = await startFakeUpstream((call) => {
    const { model, stream } = JSON.parse(call.body.toString()) as { model: string; stream?: boolean };
    if (model === 'busy') call.outgoing.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{}}');
    else if (model === 'silent') return;
    else if (stream === true) call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    else answerChat(call, 'fine');
  });
  const gateway = await startTestGateway(
    {
      telemetry: { endpoint: collector.url, traces: { sample: 100, ...traces }, metrics: { enabled: false } },
      providers: {
        up: {
          type: 'openai',
          baseUrl: `${upstream.url}/v1`,
          apiKey: 'sk-provider-0a1b2c3d4e5f',
          retries: { attempts: 1 },
        },
      },
      models: {
        chat: { target: 'up/real' },
        shaky: { target: 'up/busy', fallbacks: ['up/real'] },
        busy: { target: 'up/busy' },
      },
      teams: [{ name: 'search', models: ['*'] }],
      keys: [{ name: 'app', secret: 'sk-app-0123456789', team: 'search', models: ['*'] }],
      redaction: { emails: 'mask' },
      ...config,
    },
    { environment: { OTEL_BSP_SCHEDULE_DELAY: '1' } },
  );
  return { gateway, collector, upstream };
}

const STREAM = [
  'data: {"model":"real-2026","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}}',
  'data: [DONE]',
  '',
].join('\n\n');

const ask = (
  { gateway }: World,
  fields: object = {},
  headers: Readonly<Record<string, string>> = {},
): ReturnType<typeof postJson> =>
  postJson(
    `${gateway.url}${CHAT}`,
    { model: 'chat', messages: [{ role: 'user', content: `Write to ${MAIL}` }], ...fields },
    { authorization: 'Bearer sk-app-0123456789', ...headers },
  );

const serverOf = (spans: readonly ReceivedSpan[]): ReceivedSpan => spans.find(({ kind }) => kind === 2)!;
const clientsOf = (spans: readonly ReceivedSpan[]): ReceivedSpan[] => spans.filter(({ kind }) => kind === 3);

test('a streamed request is a server span over a client span, with what the conventions name', async () => {
  const world = await setup();
  await ask(world, { stream: true, metadata: { conversation: 'c-1' } });
  const spans = await world.collector.trace(2);
  const [server, [client]] = [serverOf(spans), clientsOf(spans)];
  expect(server).toMatchObject({
    name: 'POST /v1/chat/completions',
    parentSpanId: '',
    status: 0,
    attributes: {
      'http.request.method': 'POST',
      'http.route': CHAT,
      'url.path': CHAT,
      'http.response.status_code': 200,
      'sluice.route': 'chat',
      'sluice.key': 'app',
      'sluice.team': 'search',
      'sluice.outcome': 'success',
      'sluice.stream': true,
      'sluice.attempts': 1,
      'sluice.redacted': 'pii.email=1',
    },
  });
  expect(client).toMatchObject({
    name: 'chat real',
    traceId: server.traceId,
    parentSpanId: server.spanId,
    status: 0,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'real',
      'gen_ai.response.model': 'real-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 11,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.conversation.id': 'c-1',
      'server.address': '127.0.0.1',
      'server.port': world.upstream.port,
      'sluice.attempt': 'initial',
      'sluice.result': 'ok',
      'sluice.served': true,
    },
  });
});

test('spans lie within each other, and events within their span', async () => {
  const world = await setup();
  const before = Date.now();
  await ask(world, { stream: true });
  const spans = await world.collector.trace(2);
  const [server, [client]] = [serverOf(spans), clientsOf(spans)];
  const inOrder = [before, server.start, client!.start, client!.end, server.end, Date.now() + 1];
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  expect(server.events.map(({ name }) => name)).toEqual(['sluice.redaction', 'gen_ai.first_token']);
  for (const { at } of server.events) expect(at >= server.start && at <= server.end).toBe(true);
});

test('a value that was found is in no span, nor is what was asked', async () => {
  const world = await setup();
  await ask(world);
  const told = JSON.stringify(await world.collector.trace(2));
  for (const content of [MAIL, 'Write to', 'fine', 'sk-app', 'sk-provider']) expect(told).not.toContain(content);
});

test('a retry and a fallback are spans of their own; only the one that served has usage', async () => {
  const world = await setup();
  await ask(world, { model: 'shaky' });
  const spans = await world.collector.trace(4);
  const told = clientsOf(spans).map(({ name, status, attributes }) => [
    name,
    status,
    attributes['sluice.attempt'],
    attributes['sluice.result'],
    attributes['http.response.status_code'],
    attributes['gen_ai.usage.output_tokens'] !== undefined,
  ]);
  expect(told).toEqual([
    ['chat busy', 2, 'initial', 'http_503', 503, false],
    ['chat busy', 2, 'retry', 'http_503', 503, false],
    ['chat real', 0, 'fallback', 'ok', 200, true],
  ]);
  expect(serverOf(spans)).toMatchObject({ status: 0, attributes: { 'sluice.attempts': 3 } });
});

test('of two requests that are sent side by side the second one is a hedge, and the first one has no usage', async () => {
  const targets = [
    { provider: 'up', model: 'silent' },
    { provider: 'up', model: 'real', priority: 1 },
  ];
  const world = await setup({}, { models: { chat: { targets, hedge: { after: '5ms', budget: '100%' } } } });
  await ask(world);
  const told = clientsOf(await world.collector.trace(3)).map(({ name, attributes }) => [
    name,
    attributes['sluice.attempt'],
    attributes['sluice.served'],
    attributes['error.type'],
  ]);
  expect(told).toEqual([
    ['chat silent', 'initial', undefined, undefined],
    ['chat real', 'hedge', true, undefined],
  ]);
});

test('how much is traced changes at a reload', async () => {
  const world = await setup();
  const { gateway, collector } = world;
  await ask(world);
  await collector.trace(2);
  const telemetry = { endpoint: collector.url, traces: { sample: 0 }, metrics: { enabled: false } };
  const providers = { up: { type: 'openai', baseUrl: `${world.upstream.url}/v1` } };
  const { restartNeeded } = await gateway.reload({ telemetry, providers, models: { chat: { target: 'up/real' } } });
  expect(restartNeeded).toEqual([]);
  await ask(world, {}, { authorization: '' });
  await gateway.stop();
  expect(collector.spans).toHaveLength(2);
});

test('the id of a trace that begins here is the id of the request, and the reply names it', async () => {
  const world = await setup();
  const { headers } = await ask(world);
  const [span] = await world.collector.trace(2);
  expect(headers['x-sluice-trace-id']).toBe(span!.traceId);
  expect(String(headers['x-sluice-request-id']).replaceAll('-', '')).toBe(span!.traceId);
});

test('the provider gets the attempt as the parent of what it does, and no baggage', async () => {
  const world = await setup({ trustIncoming: true });
  await ask(world, {}, { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'user=ada' });
  const spans = await world.collector.trace(2);
  const { headers } = world.upstream.calls[0]!;
  expect(headers['traceparent']).toBe(`00-0af7651916cd43dd8448eb211c80319c-${clientsOf(spans)[0]!.spanId}-01`);
  expect(headers['tracestate']).toBe('vendor=1');
  expect(headers['baggage']).toBeUndefined();
});

test('a trace goes on through the next gateway', async () => {
  const { gateway: inner, collector } = await setup({ sample: 0, trustIncoming: true });
  const provider = { type: 'openai', baseUrl: `${inner.url}/v1`, apiKey: 'sk-app-0123456789' };
  const outer = await startTestGateway({
    telemetry: { endpoint: collector.url, serviceName: 'outer', traces: { sample: 100 }, metrics: { enabled: false } },
    providers: { inner: provider },
    models: { chat: { provider: 'inner' } },
  });
  await postJson(`${outer.url}${CHAT}`, { model: 'chat', messages: [{ role: 'user', content: 'Hello' }] });
  await outer.stop();
  const spans = await collector.trace(4);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path: string[] = [];
  let span = spans.find(({ name }) => name === 'chat real');
  for (; span !== undefined; span = byId.get(span.parentSpanId)) path.push(span.name);
  expect(path).toEqual(['chat real', 'POST /v1/chat/completions', 'chat chat', 'POST /v1/chat/completions']);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

test("a provider that is not to know gets neither our trace nor the client's", async () => {
  const world = await setup({ trustIncoming: true });
  const provider = { type: 'openai', baseUrl: `${world.upstream.url}/v1`, traceContext: false };
  const { gateway } = await setup({}, { providers: { up: provider } });
  await ask({ ...world, gateway }, {}, { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'a=b' });
  const { headers } = world.upstream.calls[0]!;
  expect([headers['traceparent'], headers['tracestate'], headers['baggage']]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a trace of a client that is trusted goes on, sampled as its parent is', async () => {
  const world = await setup({ trustIncoming: true, sample: 0 });
  await ask(world, {}, { traceparent: UNSAMPLED });
  await ask(world, {}, { traceparent: PARENT, tracestate: 'vendor=1' });
  const server = serverOf(await world.collector.trace(2));
  expect(server).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    traceState: 'vendor=1',
  });
  await world.gateway.stop();
  expect(world.collector.spans).toHaveLength(2);
});

test('a trace of a client that is not trusted is only linked to', async () => {
  const world = await setup();
  const { headers } = await ask(world, {}, { traceparent: PARENT, tracestate: 'vendor=1' });
  const server = serverOf(await world.collector.trace(2));
  expect(server.traceId).toBe(headers['x-sluice-trace-id']);
  expect(server).toMatchObject({
    parentSpanId: '',
    traceState: '',
    links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }],
  });
  expect(server.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
});

test.each(['', 'nonsense', PARENT.toUpperCase(), `${PARENT}-more`, `${PARENT}, ${PARENT}`])(
  'with the traceparent %j a trace begins here',
  async (traceparent) => {
    const world = await setup({ trustIncoming: true });
    const { headers } = await ask(world, {}, { traceparent });
    const server = serverOf(await world.collector.trace(2));
    expect(server).toMatchObject({ traceId: headers['x-sluice-trace-id'], parentSpanId: '', links: [] });
    expect(server.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  },
);

test('of requests that are not sampled nothing is told, but those that failed where they are kept', async () => {
  const world = await setup({ sample: 0, keepErrors: true });
  await ask(world);
  await ask(world, { model: 'busy' });
  expect(world.upstream.calls[0]!.headers['traceparent']).toMatch(/-00$/);
  const spans = await world.collector.trace(3);
  expect(serverOf(spans)).toMatchObject({ status: 2, attributes: { 'error.type': 'http_503' } });
  await world.gateway.stop();
  expect(world.collector.spans).toHaveLength(3);
});

test('a request that is refused has no client span, and no error of ours', async () => {
  const world = await setup();
  await ask(world, { model: 'nobody-knows' });
  const [server, ...others] = await world.collector.trace(1);
  expect(server).toMatchObject({
    status: 0,
    attributes: { 'error.type': 'model_not_found', 'sluice.outcome': 'denied' },
  });
  expect(others).toEqual([]);
});

test('a shadow copy is a span of the same trace, and carries it to its own provider', async () => {
  const shadow = { target: 'up/candidate', sample: 100, timeout: '5s' };
  const world = await setup({}, { rollouts: [{ name: 'try', match: { model: 'chat' }, shadow }] });
  await ask(world);
  const spans = await world.collector.trace(3);
  const copy = clientsOf(spans).find(({ attributes }) => attributes['sluice.attempt'] === 'shadow')!;
  expect(copy).toMatchObject({
    name: 'chat candidate',
    traceId: serverOf(spans).traceId,
    parentSpanId: serverOf(spans).spanId,
    attributes: { 'sluice.result': 'ok', 'gen_ai.request.model': 'candidate' },
  });
  const sent = world.upstream.calls.find(({ body }) => body.includes('candidate'))!;
  expect(sent.headers['traceparent']).toContain(copy.spanId);
});

test('a request in a rollout tells its arm, on the span and as an event', async () => {
  const rollout = {
    name: 'r',
    match: { model: 'chat' },
    arms: { a: { weight: 99.99 }, b: { weight: 0.01 } },
    goal: { feedback: 'up' },
    salt: 's',
  };
  const world = await setup({}, { rollouts: [rollout] });
  await ask(world);
  const server = serverOf(await world.collector.trace(2));
  expect(server.attributes).toMatchObject({ 'sluice.rollout': 'r', 'sluice.arm': 'a' });
  expect(server.events[0]).toMatchObject({
    name: 'sluice.rollout',
    attributes: { rollout: 'r', arm: 'a', forced: false },
  });
});

test('a request line of the log names the trace', async () => {
  const world = await setup();
  await ask(world);
  const line = await world.gateway.log.request();
  const server = serverOf(await world.collector.trace(2));
  expect([line['trace_id'], line['span_id']]).toEqual([server.traceId, server.spanId]);
});

test('without telemetry the trace headers of a client pass as they came', async () => {
  const world = await setup({}, { telemetry: undefined });
  const { headers } = await ask(world, {}, { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'a=b' });
  expect(world.upstream.calls[0]!.headers).toMatchObject({
    traceparent: PARENT,
    tracestate: 'vendor=1',
    baggage: 'a=b',
  });
  expect(headers['x-sluice-trace-id']).toBeUndefined();
});

test('what waits at a stop is sent first', async () => {
  const world = await setup();
  for (let calls = 0; calls < 5; calls++) await ask(world);
  await world.gateway.stop();
  expect(world.collector.spans).toHaveLength(10);
});

test('a collector that refuses costs spans, never requests; it is told of once and counted', async () => {
  const world = await setup();
  world.collector.status = 400;
  await ask(world);
  while (!world.gateway.log.text.includes('does not take')) await new Promise((resolve) => setTimeout(resolve, 20));
  world.collector.status = 200;
  const { status } = await ask(world);
  expect(status).toBe(200);
  await world.collector.trace(2);
  while (!world.gateway.log.text.includes('answers again')) await new Promise((resolve) => setTimeout(resolve, 20));
  const told = await world.gateway.metrics();
  expect(told.sum('sluice_telemetry_items_total', { signal: 'traces', result: 'failed' })).toBe(2);
  expect(told.sum('sluice_telemetry_items_total', { signal: 'traces', result: 'sent' })).toBe(2);
  expect(world.gateway.log.lines.filter((line) => line.includes('does not take'))).toHaveLength(1);
});

test('a collector that is gone keeps nobody waiting, and the stop neither', async () => {
  const world = await setup(
    {},
    { telemetry: { endpoint: 'http://127.0.0.1:1', timeout: '50ms', traces: { sample: 100 } } },
  );
  for (let calls = 0; calls < 3; calls++) expect((await ask(world)).status).toBe(200);
  await world.gateway.stop();
  expect(world.gateway.log.text).toContain('does not take');
});
