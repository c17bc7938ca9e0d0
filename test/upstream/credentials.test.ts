import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProviderKey } from '../../src/core/provider-key.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { send } from '../../src/upstream/send.ts';
import { Upstream } from '../../src/upstream/upstream.ts';
import {
  answerChat,
  answerJson,
  closedPort,
  startFakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { candidate, FakeClock, newExchange, post, providerConfig, sendContext } from './support.ts';

const entra = (authority: string): ProviderKey => ({
  kind: 'entra',
  tenant: 'tenant',
  clientId: 'client',
  clientSecret: 'entra-secret-0123456789',
  authority,
});

const HOUR = { access_token: 'token-0123456789', expires_in: 3600 };

async function openAzure(tokens: UpstreamHandler, provider: UpstreamHandler = (call) => answerChat(call)) {
  const clock = new FakeClock();
  const authority = await startFakeUpstream(tokens);
  const azure = await startFakeUpstream(provider);
  const config = { ...providerConfig('azure'), key: entra(authority.url), type: 'azure-openai' as const };
  const upstream = new Upstream(config, PROVIDERS['azure-openai'], azure.url, clock);
  onTestFinished(() => upstream.close());
  const context = sendContext(clock);
  const call = async () => {
    const reply = await send(newExchange(), [candidate(upstream, { request: () => post({ headers: [] }) })], context);
    return reply.attempt.status;
  };
  return { clock, authority, azure, upstream, call, context };
}

describe('a token', () => {
  it('is asked for once for all requests and goes as a bearer', async () => {
    const { authority, azure, call } = await openAzure((asked) => answerJson(asked, HOUR));
    expect(await Promise.all([call(), call(), call()])).toEqual([200, 200, 200]);
    expect(await call()).toBe(200);
    expect(
      authority.calls.map(({ url, body }) => [url, new URLSearchParams(body.toString()).get('client_id')]),
    ).toEqual([['/tenant/oauth2/v2.0/token', 'client']]);
    expect(new Set(azure.calls.map(({ headers }) => headers['authorization']))).toEqual(
      new Set(['Bearer token-0123456789']),
    );
  });

  it('is renewed before it ends while requests go on with the one at hand, and waited for when it has ended', async () => {
    let asked = 0;
    const { authority, azure, call, clock } = await openAzure((request) =>
      answerJson(request, { access_token: `token-${asked++}-0123456789`, expires_in: 100 }),
    );
    await call();
    clock.time += 85_000;
    await call();
    await authority.call(1);
    clock.time += 200_000;
    await call();
    const sent = azure.calls.map(({ headers }) => String(headers['authorization']).slice(7, 14));
    expect([sent[0], sent[1], asked]).toEqual(['token-0', 'token-0', 3]);
    expect(sent[2]).toBe('token-2');
  });

  it.each<[string, UpstreamHandler, string]>([
    [
      'a refusal',
      (call) => answerJson(call, { error: 'invalid_client', error_description: 'secret' }, 401),
      '401 invalid_client',
    ],
    ['an error with no word of its own', (call) => answerJson(call, { error: 'a b' }, 500), ': 500)'],
    ['an answer without a token', (call) => answerJson(call, {}), 'no access_token in its answer'],
    ['a token that no header could hold', (call) => answerJson(call, { access_token: 'a\nb' }), 'no access_token'],
    ['a redirect', ({ outgoing }) => void outgoing.writeHead(302, { location: 'http://h/' }).end(), ': 302)'],
    ['no answer', ({ outgoing }) => void outgoing.destroy(), 'reset'],
  ])(
    'that is not to be had (%s) is a failure of the target, tried again and told without secrets',
    async (_, tokens, why) => {
      const { authority, azure, call, context } = await openAzure(tokens);
      const error = await call().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'upstream_unavailable', status: 502 });
      expect((error as Error).message).toContain(why);
      expect((error as Error).message).not.toContain('secret');
      expect([authority.calls.length, azure.calls.length]).toEqual([2, 0]);
      expect(context.attempts).toEqual(Array(2).fill('azure azure-model no_token'));
    },
  );

  it('that cannot be had where nobody listens goes to a fallback', async () => {
    const clock = new FakeClock();
    const good = await startFakeUpstream((call) => answerChat(call));
    const config = { ...providerConfig('azure'), key: entra(`http://127.0.0.1:${await closedPort()}`) };
    const first = new Upstream(config, PROVIDERS['azure-openai'], good.url, clock);
    const second = new Upstream(providerConfig('other'), PROVIDERS.openai, good.url, clock);
    onTestFinished(async () => {
      await Promise.all([first.close(), second.close()]);
    });
    const exchange = newExchange();
    await send(exchange, [candidate(first), candidate(second)], sendContext(clock));
    expect([exchange.provider, good.calls.length]).toEqual(['other', 1]);
  });

  it('that the provider refuses before its time is replaced once, at once', async () => {
    let asked = 0;
    const { azure, call } = await openAzure(
      (request) => answerJson(request, { access_token: `token-${asked++}-0123456789`, expires_in: 3600 }),
      (request) =>
        request.headers['authorization'] === 'Bearer token-0-0123456789'
          ? answerJson(request, {}, 401)
          : answerChat(request),
    );
    expect(await call()).toBe(200);
    expect([azure.calls.length, asked]).toEqual([2, 2]);
  });

  it('is not asked for again and again where the provider refuses every one', async () => {
    const { authority, call } = await openAzure(
      (request) => answerJson(request, HOUR),
      (request) => answerJson(request, {}, 401),
    );
    for (let i = 0; i < 4; i++) expect(await call()).toBe(401);
    expect(authority.calls.length).toBe(2);
  });

  it('does not keep a request whose client has left', async () => {
    const { authority, upstream, context, azure } = await openAzure(() => {});
    const exchange = newExchange();
    const sent = send(exchange, [candidate(upstream)], context).catch((error: unknown) => error);
    await authority.call(0);
    exchange.abort('client_gone');
    expect(await sent).toMatchObject({ kind: 'client_gone' });
    expect(azure.calls.length).toBe(0);
    authority.calls[0]!.outgoing.destroy();
  });

  it('never passes in a reply that quotes it', async () => {
    const { call, upstream } = await openAzure((asked) => answerJson(asked, HOUR));
    await call();
    const quoted = Buffer.from('{"a":"token-0123456789 entra-secret-0123456789"}');
    expect(upstream.ownKeys.removedFrom(quoted).toString()).toBe('{"a":"REDACTED_provider_key REDACTED_provider_key"}');
  });
});

describe('a signature', () => {
  it('is made anew for each attempt, over what is sent', async () => {
    const clock = new FakeClock();
    const bedrock = await startFakeUpstream((call) => answerJson(call, {}, bedrock.calls.length === 1 ? 503 : 200));
    const key = {
      kind: 'aws',
      region: 'eu-west-1',
      accessKeyId: 'AKID',
      secretAccessKey: 'aws-secret',
      sessionToken: null,
    } as const;
    const provider = PROVIDERS['aws-bedrock'];
    const upstream = new Upstream({ ...providerConfig('aws'), type: 'aws-bedrock', key }, provider, bedrock.url, clock);
    onTestFinished(() => upstream.close());
    const request = () => post({ path: '/model/a%3A1/converse', headers: ['content-type', 'application/json'] });
    await send(newExchange(), [candidate(upstream, { request })], sendContext(clock));
    const { host } = new URL(bedrock.url);
    const signed = { method: 'POST', host, path: '/model/a%3A1/converse', body: Buffer.from('{"model":"m"}') };
    const flat = provider.sign!(key, signed, clock.wall())!;
    const expected = flat[flat.indexOf('authorization') + 1];
    expect(bedrock.calls.map(({ headers }) => headers['authorization'])).toEqual([expected, expected]);
    expect(bedrock.calls[0]!.headers['host']).toBe(host);
  });
});
