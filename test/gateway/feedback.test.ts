import { describe, expect, it } from 'vitest';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { startObservedGateway, type ObservedGateway } from '../support/observed-gateway.ts';

const KEYS = { dev: 'sk-dev-1234567890', other: 'sk-other-1234567890' };
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

function start(settings: object = {}): Promise<ObservedGateway> {
  return startObservedGateway({
    providers: { sim: { type: 'simulator' } },
    models: { '*': { provider: 'sim' } },
    auth: { required: true },
    keys: Object.entries(KEYS).map(([name, secret]) => ({ name, secret })),
    rollouts: [
      {
        name: 'ab',
        match: { model: 'fast-v1' },
        arms: { a: { weight: 50 }, b: { weight: 50, target: 'sim/fast-v2' } },
        goal: { feedback: 'up' },
      },
    ],
    ...settings,
  });
}

const as = (key: keyof typeof KEYS) => ({ authorization: `Bearer ${KEYS[key]}` });
const give = ({ url }: ObservedGateway, body: unknown, key: keyof typeof KEYS = 'dev'): Promise<HttpReply> =>
  postJson(`${url}/v1/feedback`, body, as(key));

/** A request of the experiment; its id as the caller reads it. */
async function ask({ url }: ObservedGateway, model = 'fast-v1'): Promise<string> {
  const body = { model, messages: [{ role: 'user', content: 'Hi' }] };
  const reply = await postJson(`${url}/v1/chat/completions`, body, as('dev'));
  return reply.headers['x-sluice-request-id'] as string;
}

describe('feedback', () => {
  it('is attached to the arm of its request and told on', async () => {
    const gateway = await start();
    const request_id = await ask(gateway);
    const reply = await give(gateway, { request_id, name: 'up', value: true });
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ object: 'feedback', request_id, name: 'up', value: true, attached: true });
    const { exchange: asked } = await gateway.observed(0);
    expect(gateway.feedback).toMatchObject([
      { kind: 'feedback', requestId: request_id, name: 'up', value: 1, key: 'dev' },
    ]);
    const [{ trials }] = gateway.feedback as unknown as [{ trials: readonly [{ rollout: string; arm: number }] }];
    expect(trials[0].rollout).toBe('ab');
    expect(['a', 'b'][trials[0].arm]).toBe(asked.arm);
  });

  it('of another key or for a request outside is not attached, and the answers look alike', async () => {
    const gateway = await start();
    const known = await ask(gateway);
    const outside = await ask(gateway, 'fast-v2');
    const replies = [
      await give(gateway, { request_id: known, name: 'up', value: 1 }, 'other'),
      await give(gateway, { request_id: 'made-up', name: 'up', value: 1 }),
      await give(gateway, { request_id: outside, name: 'up', value: 1 }),
    ];
    expect(replies.map(({ status, json }) => [status, (json() as { attached: boolean }).attached])).toEqual(
      replies.map(() => [200, false]),
    );
    // Only what another gateway may have served is worth asking the controller.
    expect(gateway.feedback).toMatchObject([{ requestId: outside, trials: null }]);
  });

  it.each<[string, unknown, string]>([
    ['no id', { name: 'up', value: 1 }, 'request_id'],
    ['an id that is no text', { request_id: 7, name: 'up', value: 1 }, 'request_id'],
    ['an endless id', { request_id: 'x'.repeat(129), name: 'up', value: 1 }, 'request_id'],
    ['no name', { request_id: UNKNOWN, value: 1 }, 'name'],
    ['a name with odd characters', { request_id: UNKNOWN, name: 'a b', value: 1 }, 'name'],
    ['no value', { request_id: UNKNOWN, name: 'up' }, 'value'],
    ['text for a value', { request_id: UNKNOWN, name: 'up', value: '1' }, 'value'],
    ['null for a value', { request_id: UNKNOWN, name: 'up', value: null }, 'value'],
    ['a value that would be all of a mean', { request_id: UNKNOWN, name: 'up', value: 1e308 }, 'value'],
    ['one below all others', { request_id: UNKNOWN, name: 'up', value: -1.0001e9 }, 'value'],
    ['a list for a value', { request_id: UNKNOWN, name: 'up', value: [1] }, 'value'],
    ['an unknown field', { request_id: UNKNOWN, name: 'up', value: 1, arm: 'b' }, 'arm'],
  ])('with %s is refused, the field named', async (_what, body, param) => {
    const gateway = await start();
    const reply = await give(gateway, body);
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_request', param } });
    expect(gateway.feedback).toEqual([]);
  });

  it('takes numbers, but no infinite ones', async () => {
    const gateway = await start();
    for (const value of ['-1.5', '0', 'false'])
      expect((await raw(gateway, `{"request_id":"${UNKNOWN}","name":"up","value":${value}}`)).status).toBe(200);
    expect((await raw(gateway, `{"request_id":"${UNKNOWN}","name":"up","value":1e999}`)).status).toBe(400);
    expect(gateway.feedback).toMatchObject([{ value: -1.5 }, { value: 0 }, { value: 0 }]);
  });

  it('that is no JSON, no object, ambiguous or too large is refused', async () => {
    const gateway = await start();
    const codes = await Promise.all(
      ['{', '[]', '{"name":"a","name":"b"}', `{"name":"${'x'.repeat(9_000)}"}`].map(async (body) => {
        const reply = await raw(gateway, body);
        return [reply.status, (reply.json() as { error: { code: string } }).error.code];
      }),
    );
    expect(codes).toEqual([
      [400, 'invalid_json'],
      [400, 'invalid_json'],
      [400, 'ambiguous_json'],
      [413, 'body_too_large'],
    ]);
  });

  it('needs a key, as any call does', async () => {
    const gateway = await start();
    const reply = await postJson(`${gateway.url}/v1/feedback`, { request_id: UNKNOWN, name: 'up', value: 1 });
    expect(reply.status).toBe(401);
    expect(gateway.feedback).toEqual([]);
  });

  it('never reaches a provider, by whatever method or spelling', async () => {
    const upstream = await startFakeUpstream(({ outgoing }) => void outgoing.end('{}'));
    const gateway = await start({
      providers: { sim: { type: 'simulator' }, up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      passthrough: { provider: 'up' },
    });
    for (const [method, path, status] of [
      ['GET', '/v1/feedback', 404],
      ['DELETE', '/v1/feedback?x=1', 404],
      ['POST', '/v1/feedback/', 404],
      ['POST', '/v1/Feedback', 404],
      ['POST', '/v1/feedback', 400],
    ] as const)
      expect((await exchange(`${gateway.url}${path}`, { method, headers: as('dev') })).status).toBe(status);
    const upgrade = { ...as('dev'), connection: 'upgrade', upgrade: 'websocket' };
    expect((await exchange(`${gateway.url}/v1/feedback`, { method: 'GET', headers: upgrade })).status).toBe(426);
    expect(upstream.calls).toEqual([]);
  });

  it("is answered in OpenAI's form, whoever asks", async () => {
    const gateway = await start();
    const headers = { ...as('dev'), 'anthropic-version': '2023-06-01' };
    const reply = await postJson(`${gateway.url}/v1/feedback`, {}, headers);
    expect(reply.json()).toMatchObject({ error: { type: 'invalid_request_error', param: 'request_id' } });
  });
});

function raw({ url }: ObservedGateway, body: string): Promise<HttpReply> {
  return exchange(`${url}/v1/feedback`, { body, headers: { ...as('dev'), 'content-type': 'application/json' } });
}
