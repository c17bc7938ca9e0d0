import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedMetric } from '../support/otlp-receiver.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const STREAM = [
  'data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":11}}',
  'data: [DONE]',
  '',
].join('\n\n');

async function setup(telemetry: object = {}): Promise<{ gateway: TestGateway; collector: OtlpReceiver }> {
  const collector = await startOtlpReceiver();
  const upstream = await startFakeUpstream((call) => {
    if (call.body.includes('"stream":true'))
      call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
    else answerChat(call, 'fine');
  });
  const gateway = await startTestGateway(
    {
      telemetry: { endpoint: collector.url, traces: { sample: 100 }, ...telemetry },
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { chat: { target: 'up/real' } },
    },
    {
      environment: { OTEL_SERVICE_NAME: 'edge', OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,k8s.pod.uid=7', POD_NAME: 'p-0' },
    },
  );
  return { gateway, collector };
}

const ask = ({ url }: TestGateway, stream: boolean): Promise<unknown> =>
  postJson(`${url}/v1/chat/completions`, { model: 'chat', messages: [], stream });

const named = ({ metrics }: OtlpReceiver, name: string): ReceivedMetric =>
  metrics.findLast((metric) => metric.name === name)!;

const PROTOCOLS = [
  ['http/protobuf', 'application/x-protobuf'],
  ['http/json', 'application/json'],
] as const;

test.each(PROTOCOLS)('over %s the instruments are exactly what the traffic was', async (protocol, contentType) => {
  const { gateway, collector } = await setup({ protocol });
  for (const stream of [true, true, false]) await ask(gateway, stream);
  await gateway.stop();
  expect(new Set(collector.headers.map((each) => each['content-type']))).toEqual(new Set([contentType]));
  const duration = named(collector, 'gen_ai.client.operation.duration');
  expect([duration.unit, duration.kind]).toEqual(['s', 'histogram']);
  expect(duration.points).toHaveLength(1);
  const [point] = duration.points;
  expect(point).toMatchObject({
    count: 3,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'real',
      'server.address': '127.0.0.1',
    },
    bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  });
  expect(point!.counts).toHaveLength(15);
  expect(point!.counts.reduce((sum, count) => sum + count)).toBe(3);
  expect(named(collector, 'gen_ai.client.operation.time_to_first_chunk').points[0]!.count).toBe(2);
  const tokens = named(collector, 'gen_ai.client.token.usage').points.map(({ attributes, count, sum }) => [
    attributes['gen_ai.token.type'],
    count,
    sum,
  ]);
  expect(tokens).toEqual([
    ['input', 3, 17],
    ['output', 3, 24],
  ]);
});

test('our own metrics go with them, as /metrics tells them, and not where they are not wanted', async () => {
  const { gateway, collector } = await setup();
  await ask(gateway, false);
  await gateway.stop();
  const requests = named(collector, 'sluice_requests');
  expect([requests.kind, requests.points[0]!.value]).toEqual(['sum', 1]);
  expect(requests.points[0]!.attributes).toMatchObject({ route: 'chat', outcome: 'success' });
  const duration = named(collector, 'sluice_request_duration_seconds');
  expect([duration.unit, duration.points[0]!.count, duration.points[0]!.attributes['le']]).toEqual(['s', 1, undefined]);
  expect(duration.points[0]!.counts.reduce((sum, count) => sum + count)).toBe(1);
  expect(named(collector, 'sluice_inflight_requests').kind).toBe('gauge');

  const other = await setup({ metrics: { own: false } });
  await ask(other.gateway, false);
  await other.gateway.stop();
  expect(other.collector.metrics.map(({ name }) => name).filter((name) => !name.startsWith('gen_ai.'))).toEqual([]);
});

test.each(PROTOCOLS)('over %s spans are told of that the collector took and then rejected', async (protocol) => {
  const { gateway, collector } = await setup({ protocol, metrics: { enabled: false } });
  collector.partial = { rejected: 1, message: 'too old' };
  await ask(gateway, false);
  await collector.trace(2);
  while (!gateway.log.text.includes('took only a part')) await new Promise((resolve) => setTimeout(resolve, 5));
  const told = await gateway.metrics();
  expect(['sent', 'failed'].map((result) => told.sum('sluice_telemetry_items_total', { result }))).toEqual([1, 1]);
  expect(gateway.log.text).toContain('too old');
});

test.each(PROTOCOLS)('over %s histograms name requests that were traced', async (protocol) => {
  const { gateway, collector } = await setup({ protocol });
  const before = Date.now();
  await ask(gateway, true);
  const [span] = await collector.trace(2, ({ kind }) => kind === 2 || kind === 3);
  await gateway.stop();
  for (const name of ['gen_ai.client.operation.duration', 'sluice_request_duration_seconds']) {
    const told = collector.metrics.filter((metric) => metric.name === name).flatMap(({ points }) => points);
    const exemplars = told.flatMap((each) => each.exemplars);
    expect(exemplars).toHaveLength(1);
    expect(exemplars[0]!.traceId).toBe(span!.traceId);
    expect(exemplars[0]!.value).toBeCloseTo(told.at(-1)!.sum, 6);
    expect(exemplars[0]!.at).toBeGreaterThanOrEqual(before);
    expect(exemplars[0]!.at).toBeLessThanOrEqual(Date.now());
  }
});

test('they are sent at intervals, over a compressed connection where that is asked for', async () => {
  const { gateway, collector } = await setup({ metrics: { interval: '10ms', own: false }, compression: 'gzip' });
  await ask(gateway, false);
  let told: readonly ReceivedMetric[] = [];
  while (told.length === 0) told = await collector.nextMetrics();
  expect(told[0]!.points[0]!.count).toBe(1);
  expect(collector.headers[0]!['content-encoding']).toBe('gzip');
});

test('the resource names service, version and instance, and what the environment says', async () => {
  const { gateway, collector } = await setup({ resource: { 'deployment.environment.name': 'test' } });
  await ask(gateway, false);
  await gateway.stop();
  expect(collector.resources[0]).toMatchObject({
    'service.name': 'edge',
    'service.version': expect.stringMatching(/^\d/) as string,
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    'deployment.environment.name': 'test',
    'k8s.pod.name': 'p-0',
    'k8s.pod.uid': '7',
    team: 'a b',
  });
});

test('the headers for the collector are sent, and never shown', async () => {
  const { gateway, collector } = await setup({ headers: { 'x-collector-key': 'collector-secret-123' } });
  await ask(gateway, false);
  const shown = JSON.stringify((await gateway.admin('GET', '/api/v1/config')).body);
  expect(shown).toContain(collector.url);
  expect(shown).not.toContain('collector-secret-123');
  await gateway.stop();
  expect(collector.headers[0]!['x-collector-key']).toBe('collector-secret-123');
  expect(gateway.log.text).not.toContain('collector-secret-123');
});

test('a scraper that knows the format gets sampled requests as examples of the histograms', async () => {
  const { gateway } = await setup();
  await ask(gateway, false);
  const line = await gateway.log.request();
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3';
  const scraped = await fetch(`${gateway.adminUrl}/metrics`, { headers: { accept } });
  expect(scraped.headers.get('content-type')).toContain('application/openmetrics-text');
  const text = await scraped.text();
  expect(text).toMatch(
    new RegExp(`sluice_request_duration_seconds_bucket\\{.*\\} 1 # \\{trace_id="${String(line['trace_id'])}"`),
  );
  expect(text.endsWith('# EOF\n')).toBe(true);
  const plain = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  expect(plain).toContain('sluice_requests_total{');
  expect(plain).not.toContain('trace_id');
});
