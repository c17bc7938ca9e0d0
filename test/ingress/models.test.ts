import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/core/principal.ts';
import { answerModels } from '../../src/ingress/models.ts';
import { RouteTable } from '../../src/route/match-route.ts';
import { route } from '../route/fixtures.ts';
import { exchange as call, type HttpReply } from '../support/http-client.ts';
import { newExchange, principal, serve } from './support.ts';

const ROUTES = [route('chat-fast', 'sim/v1'), route('org/model', 'sim/v2'), route('gpt-*', 'openai')];

interface Asked {
  readonly as?: Principal;
  readonly headers?: Record<string, string>;
  readonly routes?: typeof ROUTES;
  readonly passthrough?: string | null;
}

/** The reply, or the provider that is to be asked instead. */
async function ask(
  path: string,
  { as = principal(), headers = {}, routes = ROUTES, passthrough = 'any' }: Asked = {},
): Promise<HttpReply | string | null> {
  let asked: string | null = null;
  const port = await serve((incoming, outgoing) => {
    const catalogue = {
      routes: new RouteTable(routes),
      config: { passthrough: { provider: passthrough } },
      builtAt: 1_700_000_000,
    };
    asked = answerModels(incoming, outgoing, newExchange('models'), catalogue, as);
    if (asked !== 'answered') outgoing.end();
  });
  const reply = await call(`http://127.0.0.1:${port}${path}`, { method: 'GET', headers });
  return asked === 'answered' ? reply : asked;
}

async function json(path: string, asked: Asked = {}): Promise<unknown> {
  const reply = await ask(path, asked);
  if (reply === null || typeof reply === 'string') throw new Error('not answered');
  return reply.json();
}

const onlyFast = principal({}, (model) => model === 'chat-fast');
const ANTHROPIC = { 'anthropic-version': '2023-06-01' };

describe('the list of models', () => {
  it("holds the configured names in OpenAI's form", async () => {
    expect(await json('/v1/models')).toEqual({
      object: 'list',
      data: [
        { id: 'chat-fast', object: 'model', created: 1_700_000_000, owned_by: 'sim' },
        { id: 'org/model', object: 'model', created: 1_700_000_000, owned_by: 'sim' },
      ],
    });
  });

  it("holds them in Anthropic's form for its clients", async () => {
    expect(await json('/v1/models?limit=5', { headers: ANTHROPIC })).toMatchObject({
      data: [{ type: 'model', id: 'chat-fast', created_at: '2023-11-14T22:13:20.000Z' }, { id: 'org/model' }],
      has_more: false,
      first_id: 'chat-fast',
      last_id: 'org/model',
    });
  });

  it('shows a key only what it may use', async () => {
    expect(await json('/v1/models', { as: onlyFast })).toMatchObject({ data: [{ id: 'chat-fast' }] });
  });

  it("is the provider's own where no exact name is configured", async () => {
    expect(await ask('/v1/models', { routes: [route('*', 'openai')] })).toBe('any');
    expect(await ask('/v1/models', { routes: [route('*', 'openai')], passthrough: null })).toBeNull();
  });
});

describe('one model', () => {
  it.each(['/v1/models/org/model', '/v1/models/org%2Fmodel', '/v1/models/org/model?x=1'])(
    'is found at %s',
    async (path) => {
      expect(await json(path)).toMatchObject({ id: 'org/model' });
    },
  );

  it("that only a glob knows is asked of the glob's provider", async () => {
    expect(await ask('/v1/models/gpt-4')).toBe('openai');
    expect(await ask('/v1/models/other')).toBe('any');
    expect(await ask('/v1/models/other', { passthrough: null })).toBeNull();
  });

  it('that the key may not use is not shown', async () => {
    expect(await ask('/v1/models/org/model', { as: onlyFast })).toBe('sim');
  });

  it('with a broken escape in its name is no fault', async () => {
    expect(await ask('/v1/models/%zz')).toBe('any');
  });
});
