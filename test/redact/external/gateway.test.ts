import { describe, expect, test } from 'vitest';
import { answerJson, askedOf, findingsIn, startFakeAnalyzer } from '../../analyzers/fake-analyzer.ts';
import { answerChat, startFakeUpstream, type UpstreamHandler } from '../../support/fake-upstream.ts';
import { postJson } from '../../support/http-client.ts';
import { startTestGateway } from '../../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const PERSON = 'Ana Souza';
const PLACE = 'Rua Augusta 1508';
const VALUES = { PERSON: [PERSON, 'Jörg'], LOCATION: [PLACE] };
const PLACEHOLDER = /PII_CU_[0-9A-Z]{16}/;

interface Settings {
  readonly detector?: Readonly<Record<string, unknown>>;
  readonly redaction?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly reply?: UpstreamHandler;
}

async function setup(analyzerUrl: string, { detector, redaction, more, reply = answerChatOnce }: Settings = {}) {
  const upstream = await startFakeUpstream(reply);
  const gateway = await startTestGateway({
    auth: { required: false },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: {
      m: { provider: 'up' },
      free: {
        provider: 'up',
        redaction: {
          rules: [
            { id: 'pii.person', request: 'allow' },
            { id: 'pii.address', request: 'allow' },
          ],
        },
      },
    },
    redaction: {
      detectors: [
        {
          name: 'presidio',
          type: 'presidio',
          url: `${analyzerUrl}/analyze`,
          entities: { PERSON: { rule: 'pii.person' }, LOCATION: { rule: 'pii.address', request: 'mask' } },
          timeout: '10s',
          ...detector,
        },
      ],
      ...redaction,
    },
    ...more,
  });
  const chat = (content: unknown, body: Readonly<Record<string, unknown>> = {}) =>
    postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [{ role: 'user', content }], ...body });
  const sent = (index = upstream.calls.length - 1) => upstream.calls[index]!.body.toString('utf8');
  return { gateway, upstream, chat, sent };
}

const answerChatOnce: UpstreamHandler = (call) => answerChat(call);

/** Says what it was told, so that placeholders come back. */
const echo: UpstreamHandler = (call) => {
  const { messages } = JSON.parse(call.body.toString('utf8')) as { messages: { content: string }[] };
  answerChat(call, messages.at(-1)!.content);
};

describe('names that only an analyzer knows', () => {
  test('are replaced in every text of the request and come back in the reply', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const { chat, sent } = await setup(analyzer.url, { reply: echo });
    const reply = await chat(`😀 I am ${PERSON}, ${PLACE}.`, {
      messages: [
        { role: 'system', content: `The user is ${PERSON}.` },
        { role: 'user', content: [{ type: 'text', text: `Hello, Jörg! I am ${PERSON}.` }] },
        { role: 'user', content: `😀 I am ${PERSON}, ${PLACE}.` },
      ],
    });
    expect(sent()).not.toMatch(/Ana|Souza|Jörg|Augusta/);
    expect(sent()).toContain('REDACTED_pii_address');
    expect(reply.headers['x-sluice-redacted']).toBe('pii.person=4,pii.address=1');
    expect(reply.text).toContain(`😀 I am ${PERSON}, REDACTED_pii_address.`);
    expect(analyzer.calls).toHaveLength(1);
  });

  test('are one placeholder in all turns, and a known text is not asked about again', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const { chat, sent } = await setup(analyzer.url);
    await chat(`I am ${PERSON}.`);
    const [placeholder] = PLACEHOLDER.exec(sent())!;
    await chat('', {
      messages: [
        { role: 'user', content: `I am ${PERSON}.` },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(sent()).toContain(`I am ${placeholder}.`);
    expect(analyzer.calls.map((call) => askedOf(call).text)).toEqual([`I am ${PERSON}.`, 'And now?']);
  });

  test('are replaced where the analyzer has not seen them as well, once they are known', async () => {
    const analyzer = await startFakeUpstream((call) => {
      const { text } = askedOf(call);
      const first = findingsIn(text, VALUES).slice(0, 1);
      answerJson(call, 200, JSON.stringify(first));
    });
    const { chat, sent } = await setup(analyzer.url);
    await chat(`I am ${PERSON}. Yes, ${PERSON}!`);
    expect(sent()).not.toContain(PERSON);
  });

  test('are replaced in the arguments of tools, which stay valid JSON', async () => {
    const analyzer = await startFakeAnalyzer({ PERSON: ['Jörg', 'Ana", "to": "Jörg'] });
    const { chat, sent } = await setup(analyzer.url);
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'mail', arguments: '{"from": "Ana", "to": "J\\u00f6rg"}' },
    };
    await chat('', {
      messages: [
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: '{"to":"Jörg","ok":true}' },
      ],
    });
    const { messages } = JSON.parse(sent()) as { messages: { tool_calls?: (typeof call)[]; content?: string }[] };
    const given = JSON.parse(messages[0]!.tool_calls![0]!.function.arguments) as { from: string; to: string };
    const taken = JSON.parse(messages[1]!.content!) as { to: string; ok: boolean };
    expect(given).toEqual({ from: 'Ana', to: expect.stringMatching(PLACEHOLDER) });
    expect(taken).toEqual({ to: given.to, ok: true });
  });

  test('do not reach the analyzer together with secrets, and what stands for one is left whole', async () => {
    const secret = `ghp_${'aB3'.repeat(12)}`;
    const analyzer = await startFakeUpstream((call) => {
      const { length } = [...askedOf(call).text];
      answerJson(call, 200, JSON.stringify([{ entity_type: 'PERSON', start: 0, end: length, score: 1 }]));
    });
    const { chat, sent } = await setup(analyzer.url, { reply: echo });
    const text = `Ana has ${secret} here`;
    await chat(text);
    expect(askedOf(analyzer.calls[0]!).text).toMatch(/^Ana has PII_SK_[0-9A-Z]{16} here$/);
    expect(sent()).toMatch(/"PII_CU_[0-9A-Z]{16} PII_SK_[0-9A-Z]{16} PII_CU_[0-9A-Z]{16}"/);
  });

  test('stay where the allow list has them, and where a route does not want them found', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const { chat, sent } = await setup(analyzer.url, { redaction: { allow: [PERSON] } });
    await chat(`I am ${PERSON}, not Jörg.`);
    expect(sent()).toMatch(/I am Ana Souza, not PII_CU_/);
    await chat('I am Jörg.', { model: 'free' });
    expect(sent()).toContain('I am Jörg.');
    expect(analyzer.calls).toHaveLength(1);
  });

  test('are only told of with the action report, and refused with block', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const entities = {
      PERSON: { rule: 'pii.person', request: 'report' },
      LOCATION: { rule: 'pii.address', request: 'block' },
    };
    const { chat, sent, gateway, upstream } = await setup(analyzer.url, { detector: { entities } });
    await chat(`I am ${PERSON}.`);
    expect(sent()).toContain(`I am ${PERSON}.`);
    const refused = await chat(`I live at ${PLACE}.`);
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({ error: { code: 'secret_detected', param: 'messages[0].content' } });
    expect(refused.text).not.toContain('Augusta');
    expect(upstream.calls).toHaveLength(1);
    const metrics = await gateway.metrics();
    expect(metrics.sum('sluice_redactions_total', { rule: 'pii.person', category: 'custom', action: 'report' })).toBe(
      1,
    );
    expect(metrics.sum('sluice_redactions_total', { rule: 'pii.address', action: 'block' })).toBe(1);
    expect(gateway.log.text).not.toMatch(/Souza|Augusta/);
  });

  test('are replaced before a stream as well, in all protocols', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const { gateway, sent } = await setup(analyzer.url);
    await postJson(`${gateway.url}/v1/responses`, { model: 'm', stream: true, input: `I am ${PERSON}.` });
    expect(sent()).toMatch(/I am PII_CU_[0-9A-Z]{16}\./);
    await postJson(`${gateway.url}/v1/embeddings`, { model: 'm', input: ['nothing', `I am ${PERSON}.`] });
    expect(sent()).toMatch(/I am PII_CU_[0-9A-Z]{16}\./);
  });
});

describe('a JSON document that is passed through', () => {
  test('is asked about, as it was after the rules', async () => {
    const analyzer = await startFakeAnalyzer(VALUES);
    const { gateway, sent } = await setup(analyzer.url, { more: { passthrough: { provider: 'up' } } });
    const items = [{ type: 'message', role: 'user', content: `I am ${PERSON}, ghp_${'aB3'.repeat(12)}` }];
    await postJson(`${gateway.url}/v1/conversations`, { items });
    expect(sent()).toMatch(/I am PII_CU_[0-9A-Z]{16}, PII_SK_[0-9A-Z]{16}"/);
    expect(askedOf(analyzer.calls[0]!).text).not.toContain('ghp_');
    await postJson(`${gateway.url}/v1/conversations`, { items: [] });
    expect(sent()).toBe('{"items":[]}');
  });

  test('is refused while the analyzer fails', async () => {
    const analyzer = await startFakeUpstream((call) => answerJson(call, 500, '{}'));
    const { gateway, upstream } = await setup(analyzer.url, { more: { passthrough: { provider: 'up' } } });
    const refused = await postJson(`${gateway.url}/v1/conversations`, { name: PERSON });
    expect([refused.status, upstream.calls.length]).toEqual([503, 0]);
  });
});

describe('while the analyzer fails', () => {
  test('requests are refused, told to be tried again, counted, and logged once', async () => {
    const analyzer = await startFakeUpstream((call) => answerJson(call, 500, '{}'));
    const { chat, gateway, upstream } = await setup(analyzer.url);
    const refused = await chat(`I am ${PERSON}.`);
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ 'x-should-retry': 'true', 'retry-after': '1' });
    expect(refused.json()).toMatchObject({ error: { code: 'detector_unavailable', type: 'server_error' } });
    for (let more = 0; more < 6; more++) await chat(`I am ${PERSON}.`);
    expect(upstream.calls).toHaveLength(0);
    expect(analyzer.calls).toHaveLength(5);
    const metrics = await gateway.metrics();
    const calls = (result: string) =>
      metrics.sum('sluice_redaction_detector_calls_total', { detector: 'presidio', result });
    expect([calls('http_error'), calls('circuit_open')]).toEqual([5, 2]);
    expect(metrics.sum('sluice_redaction_detector_duration_seconds_count', { detector: 'presidio' })).toBe(5);
    expect(gateway.log.text.split('cannot be asked')).toHaveLength(2);
  });

  test('requests pass where they may, without what only it knows', async () => {
    const analyzer = await startFakeUpstream((call) => answerJson(call, 500, '{}'));
    const { chat, sent } = await setup(analyzer.url, { detector: { failure: 'open' } });
    expect((await chat(`I am ${PERSON}, my key is ghp_${'aB3'.repeat(12)}`)).status).toBe(200);
    expect(sent()).toMatch(/I am Ana Souza, my key is PII_SK_/);
  });

  test('by giving no answer in time, requests are refused', async () => {
    const analyzer = await startFakeUpstream(() => {});
    const { chat, upstream } = await setup(analyzer.url, { detector: { timeout: '30ms' } });
    const refused = await chat(`I am ${PERSON}.`);
    expect([refused.status, upstream.calls.length]).toEqual([503, 0]);
    expect(refused.text).toContain('(timeout)');
  });

  test('nobody is asked any longer for a client that has left', async () => {
    const client = new AbortController();
    const analyzer = await startFakeUpstream(() => client.abort());
    const { gateway, upstream } = await setup(analyzer.url);
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: PERSON }] });
    const headers = { 'content-type': 'application/json' };
    const leaving = fetch(`${gateway.url}${CHAT}`, { method: 'POST', headers, body, signal: client.signal });
    await expect(leaving).rejects.toThrow('aborted');
    expect(await (await analyzer.call(0)).left).toBe(true);
    expect(await gateway.log.request()).toMatchObject({ status: 499, errorType: 'client_gone' });
    expect(upstream.calls).toHaveLength(0);
  });

  test('the time for the whole exchange bounds all calls together', async () => {
    const analyzer = await startFakeUpstream(() => {});
    const { chat } = await setup(analyzer.url, { more: { upstream: { timeouts: { total: '100ms' } } } });
    const refused = await chat(`I am ${PERSON}.`);
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('(total_timeout)');
  });
});

test('a request without a word in it, or without detectors that want something, is not asked about', async () => {
  const analyzer = await startFakeAnalyzer(VALUES);
  const { chat, upstream } = await setup(analyzer.url);
  await chat('1 + 1 = ?');
  await chat(PERSON, { model: 'free' });
  expect([analyzer.calls.length, upstream.calls.length]).toEqual([0, 2]);
});

test('a detector whose settings stay keeps what it knows over a change of the configuration', async () => {
  const analyzer = await startFakeAnalyzer(VALUES);
  const upstream = await startFakeUpstream(answerChatOnce);
  const config = (entities: object, level: string) => ({
    auth: { required: false },
    log: { level },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
    redaction: { detectors: [{ name: 'presidio', type: 'presidio', url: `${analyzer.url}/analyze`, entities }] },
  });
  const gateway = await startTestGateway(config({ PERSON: { rule: 'pii.person' } }, 'info'));
  const chat = () => postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [{ role: 'user', content: PERSON }] });
  await chat();
  await gateway.reload(config({ PERSON: { rule: 'pii.person' } }, 'debug'));
  await chat();
  expect(analyzer.calls).toHaveLength(1);
  await gateway.reload(config({ LOCATION: { rule: 'pii.address' } }, 'debug'));
  await chat();
  expect(analyzer.calls).toHaveLength(2);
  expect(upstream.calls[2]!.body.toString('utf8')).toContain(PERSON);
});
