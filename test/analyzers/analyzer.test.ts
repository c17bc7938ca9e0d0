import { describe, expect, onTestFinished, test } from 'vitest';
import { Analyzer } from '../../src/analyzers/analyzer.ts';
import type { DetectorCall, DetectorConfig } from '../../src/core/external-detector.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { CircuitBreaker } from '../../src/upstream/circuit-breaker.ts';
import {
  closedPort,
  startFakeUpstream,
  startRawUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { answerJson, askedOf, findingsIn, startFakeAnalyzer } from './fake-analyzer.ts';

const NAMES = { PERSON: ['Ana Souza', 'Jörg'] };
const CIRCUIT = { failures: 5, ejection: 5_000, maxEjection: 5_000 };

function setup(url: string, settings: Partial<DetectorConfig> = {}) {
  const time = { now: 0 };
  const clock = { now: () => time.now, wall: () => time.now };
  const config: DetectorConfig = {
    name: 'presidio',
    type: 'presidio',
    url: `${url}/analyze`,
    headers: {},
    languages: ['en'],
    entities: [{ entity: 'PERSON', rule: 'pii.person', request: 'placeholder' }],
    minScore: 0.5,
    timeout: 10_000,
    failure: 'closed',
    maxText: 1_024,
    concurrency: 4,
    allowAddresses: [],
    ...settings,
  };
  const analyzer = new Analyzer(config, new CircuitBreaker(CIRCUIT, clock), clock);
  onTestFinished(() => analyzer.close());
  const calls: DetectorCall[] = [];
  const ask = (texts: readonly string[], more: { signal?: AbortSignal; tenant?: string; language?: string } = {}) =>
    analyzer.ask({
      texts,
      tenant: more.tenant ?? 'app',
      language: () => more.language ?? '',
      signal: more.signal ?? new AbortController().signal,
      called: (call) => void calls.push(call),
    });
  const results = () => calls.map(({ result, change }) => (change === null ? result : `${result} ${change}`));
  return { ask, time, results };
}

async function setupWith(handler: UpstreamHandler, settings: Partial<DetectorConfig> = {}) {
  const upstream = await startFakeUpstream(handler);
  return { ...setup(upstream.url, settings), upstream };
}

const found = (text: string, spans: readonly { readonly start: number; readonly end: number }[]) =>
  spans.map(({ start, end }) => text.slice(start, end));

describe('an analyzer', () => {
  test('is asked once about many texts, and each gets its own findings', async () => {
    const upstream = await startFakeAnalyzer(NAMES);
    const { ask } = setup(upstream.url);
    const texts = ['👋 I am Ana Souza.', 'Nobody here', 'Jörg 😀 and Ana Souza'];
    const spans = await ask(texts);
    expect(texts.map((text, index) => found(text, spans[index]!))).toEqual([['Ana Souza'], [], ['Jörg', 'Ana Souza']]);
    expect(upstream.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /analyze']);
    expect(askedOf(upstream.calls[0]!)).toEqual({
      text: texts.join('\n\n'),
      language: 'en',
      entities: ['PERSON'],
      score_threshold: 0.5,
    });
  });

  test('is asked again only about what is new, and about every tenant’s texts anew', async () => {
    const upstream = await startFakeAnalyzer(NAMES);
    const { ask } = setup(upstream.url);
    await ask(['I am Ana Souza.']);
    const [first] = await ask(['I am Ana Souza.', 'So am I.']);
    await ask(['I am Ana Souza.'], { tenant: 'other' });
    expect(first).toHaveLength(1);
    expect(upstream.calls.map((call) => askedOf(call).text)).toEqual([
      'I am Ana Souza.',
      'So am I.',
      'I am Ana Souza.',
    ]);
  });

  test('gets a long text in several calls, and the findings are those of the whole', async () => {
    const upstream = await startFakeAnalyzer(NAMES);
    const { ask } = setup(upstream.url);
    const text = 'Then Ana Souza met Jörg 😀. '.repeat(200);
    const [spans] = await ask([text]);
    expect(found(text, spans!)).toEqual(Array.from({ length: 200 }, () => ['Ana Souza', 'Jörg']).flat());
    expect(upstream.calls.length).toBeGreaterThan(5);
    for (const call of upstream.calls) expect(askedOf(call).text.length).toBeLessThanOrEqual(1_024);
  });

  test('is asked in the language of the prompt where it knows it, else in its first', async () => {
    const upstream = await startFakeAnalyzer(NAMES);
    const { ask } = setup(upstream.url, { languages: ['en', 'de'] });
    await ask(['eins'], { language: 'de' });
    await ask(['un'], { language: 'fr' });
    await ask(['one']);
    expect(upstream.calls.map((call) => askedOf(call).language)).toEqual(['de', 'en', 'en']);
  });

  test('gets the headers of its configuration', async () => {
    const upstream = await startFakeAnalyzer(NAMES);
    const { ask } = setup(upstream.url, { headers: { 'X-Api-Key': 'analyzer-key' } });
    await ask(['one']);
    expect(upstream.calls[0]!.headers).toMatchObject({
      'x-api-key': 'analyzer-key',
      'content-type': 'application/json',
    });
  });

  test('is not believed below the least score, nor about what nobody asked', async () => {
    const spans = [
      { entity_type: 'PERSON', start: 0, end: 3, score: 0.49 },
      { entity_type: 'CITY', start: 4, end: 7, score: 1 },
      { entity_type: 'PERSON', start: 8, end: 11, score: 0.5 },
    ];
    const { ask } = await setupWith((call) => answerJson(call, 200, JSON.stringify(spans)));
    expect(await ask(['one two six'])).toEqual([[{ entity: 'PERSON', start: 8, end: 11, score: 0.5 }]]);
  });

  test('has no more calls at one time than it may', async () => {
    const open: UpstreamCall[] = [];
    let most = 0;
    const { ask, upstream } = await setupWith(
      async (call) => {
        open.push(call);
        if (open.length < 2) return;
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, open.length);
        for (const each of open.splice(0)) answerJson(each, 200, '[]');
      },
      { concurrency: 2 },
    );
    await ask(Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(900, '.')));
    expect([most, upstream.calls.length]).toEqual([2, 12]);
  });

  test('may close a connection that was kept: it is asked over another one', async () => {
    let requests = 0;
    const upstream = await startRawUpstream((socket) => {
      if (++requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]');
    });
    const { ask, results } = setup(upstream.url, { concurrency: 1 });
    await ask(['one']);
    await ask(['two']);
    expect(results()).toEqual(['ok', 'ok']);
    expect(requests).toBe(3);
  });
});

const FAILURES: readonly [string, string, UpstreamHandler][] = [
  ['says that it failed', 'http_error', (call) => answerJson(call, 500, '{"error":"no model"}')],
  [
    'sends elsewhere',
    'http_error',
    ({ outgoing }) => void outgoing.writeHead(307, { location: 'http://x.test/' }).end(),
  ],
  ['answers with nothing', 'bad_answer', (call) => answerJson(call, 200, '')],
  ['answers with something else', 'bad_answer', (call) => answerJson(call, 200, '{"spans":[]}')],
  [
    'answers about another text',
    'bad_answer',
    (call) => answerJson(call, 200, JSON.stringify(findingsIn('long before, Ana Souza', NAMES))),
  ],
  ['answers without end', 'bad_answer', (call) => answerJson(call, 200, ' '.repeat(5 * 1024 * 1024))],
  [
    'cuts its answer off',
    'unreachable',
    ({ outgoing }) => void outgoing.writeHead(200, { 'content-length': '9' }).write('[', () => outgoing.destroy()),
  ],
];

describe('an analyzer that', () => {
  test.each(FAILURES)('%s makes the request fail', async (_, result, handler) => {
    const { ask, results } = await setupWith(handler);
    const refused: unknown = await ask(['Ana Souza']).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GatewayError);
    expect(refused).toMatchObject({ code: 'detector_unavailable', status: 503 });
    expect((refused as GatewayError).message).toContain(`(${result})`);
    expect((refused as GatewayError).message).not.toContain('Ana');
    expect(results()).toEqual([`${result} down`]);
  });

  test.each(FAILURES)('%s finds nothing where its failures are let pass', async (_, result, handler) => {
    const { ask, results } = await setupWith(handler, { failure: 'open' });
    expect(await ask(['Ana Souza'])).toEqual([[]]);
    expect(results()).toEqual([`${result} down`]);
  });

  test('does not answer in time makes the request fail', async () => {
    const { ask, results } = await setupWith(() => {}, { timeout: 30 });
    await expect(ask(['Ana Souza'])).rejects.toMatchObject({ code: 'detector_unavailable' });
    expect(results()).toEqual(['timeout down']);
  });

  test('is not there makes the request fail', async () => {
    const { ask, results } = setup(`http://127.0.0.1:${await closedPort()}`);
    await expect(ask(['Ana Souza'])).rejects.toMatchObject({ code: 'detector_unavailable' });
    expect(results()).toEqual(['unreachable down']);
  });

  test('fails on one call of several keeps what the others found, where failures are let pass', async () => {
    const { ask } = await setupWith(
      (call) => {
        const { text } = askedOf(call);
        if (text.startsWith('bad')) answerJson(call, 500, '{}');
        else answerJson(call, 200, JSON.stringify(findingsIn(text, NAMES)));
      },
      { failure: 'open' },
    );
    const texts = [`bad Ana Souza ${'x'.repeat(1_000)}`, `good Ana Souza ${'x'.repeat(1_000)}`];
    const spans = await ask(texts);
    expect(spans.map((each) => each.length)).toEqual([0, 1]);
    expect((await ask(texts)).map((each) => each.length)).toEqual([0, 1]);
  });

  test('is asked by somebody who leaves is not at fault', async () => {
    const leaving = new AbortController();
    const { ask, results } = await setupWith(() => leaving.abort('client_gone'));
    await expect(ask(['Ana Souza'], { signal: leaving.signal })).rejects.toThrow('client_gone');
    expect(results()).toEqual(['cancelled']);
  });

  test('fails five times in a row is left alone for five seconds, then tried once', async () => {
    let isUp = false;
    const { ask, time, results, upstream } = await setupWith((call) => answerJson(call, isUp ? 200 : 503, '[]'));
    const askAgain = () =>
      ask(['Ana']).then(
        () => 'judged',
        () => 'refused',
      );
    for (let failures = 0; failures < 7; failures++) expect(await askAgain()).toBe('refused');
    expect(upstream.calls).toHaveLength(5);
    time.now = 4_999;
    expect(await askAgain()).toBe('refused');
    expect(upstream.calls).toHaveLength(5);
    time.now = 5_000;
    expect(await askAgain()).toBe('refused');
    expect(await askAgain()).toBe('refused');
    expect(upstream.calls).toHaveLength(6);
    isUp = true;
    time.now = 10_000;
    expect(await askAgain()).toBe('judged');
    expect(results().filter((result) => result.includes(' '))).toEqual(['http_error down', 'ok up']);
  });
});
