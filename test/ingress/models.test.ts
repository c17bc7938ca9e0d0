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
  /** For Anthropic's clients; left out: the same. */
  readonly anthropic?: string | null;
  /** By provider. */
  readonly lists?: Readonly<Record<string, readonly Record<string, unknown>[]>>;
}

/** The reply, or the provider that is to be asked instead. */
async function ask(
  path: string,
  {
    as = principal(),
    headers = {},
    routes = ROUTES,
    passthrough = 'any',
    anthropic = passthrough,
    lists = {},
  }: Asked = {},
): Promise<HttpReply | string | null> {
  let asked: string | null = null;
  const port = await serve((incoming, outgoing) => {
    const catalogue = {
      routes: new RouteTable(routes),
      config: { passthrough: { provider: passthrough, anthropic }, routes },
      upstreams: new Map<string, never>(),
      builtAt: 1_700_000_000,
    };
    const listOf = (provider: string) => Promise.resolve((lists[provider] ?? []) as readonly { readonly id: string }[]);
    const answer = async (): Promise<void> => {
      asked = await answerModels(incoming, outgoing, newExchange('models'), catalogue, as, listOf);
      if (asked !== 'answered') outgoing.end();
    };
    void answer();
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
    expect(await ask('/v1/models', { routes: [route('*', 'any')] })).toBe('any');
    expect(await ask('/v1/models', { routes: [] })).toBe('any');
    expect(await ask('/v1/models', { routes: [], passthrough: null })).toBeNull();
  });

  it('is that of the provider of Anthropic’s clients for them', async () => {
    const both = { routes: [], passthrough: 'openai', anthropic: 'claude' };
    expect(await ask('/v1/models', { ...both, headers: ANTHROPIC })).toBe('claude');
    expect(await ask('/v1/models/unheard-of', { ...both, headers: ANTHROPIC })).toBe('claude');
    expect(await ask('/v1/models', both)).toBe('openai');
  });

  const LISTS = {
    openai: [
      { id: 'gpt-5', object: 'model', created: 7, owned_by: 'openai', extra: 1 },
      { id: 'chat-fast', object: 'model', created: 7, owned_by: 'openai' },
      { id: 'whisper-1', object: 'model', created: 7, owned_by: 'openai' },
    ],
    claude: [{ type: 'model', id: 'claude-9', display_name: 'Claude 9', created_at: '2026-01-02T00:00:00Z' }],
  };
  const MERGED = [...ROUTES, route('claude-*', 'claude'), route('any-*', 'openai/fixed')];

  it('joins what the providers of globs list, each name once and only where its route leads there', async () => {
    expect(await json('/v1/models', { routes: MERGED, lists: LISTS })).toMatchObject({
      data: [
        { id: 'chat-fast', owned_by: 'sim' },
        { id: 'org/model' },
        { id: 'gpt-5', created: 7, owned_by: 'openai', extra: 1 },
        { id: 'claude-9', object: 'model', created: 1_767_312_000, owned_by: 'claude' },
      ],
    });
    expect(await json('/v1/models', { routes: MERGED, lists: LISTS, headers: ANTHROPIC })).toMatchObject({
      data: [{}, {}, { id: 'gpt-5', display_name: 'gpt-5', created_at: '1970-01-01T00:00:07.000Z' }, LISTS.claude[0]],
      last_id: 'claude-9',
    });
  });

  it('leaves out what the key may not use', async () => {
    const some = principal({}, (model) => model.startsWith('claude-'));
    expect(await json('/v1/models', { routes: MERGED, lists: LISTS, as: some })).toMatchObject({
      data: [{ id: 'claude-9' }],
    });
  });

  it('tells Codex of the names that it does not know itself, in its own form', async () => {
    const reply = (await json('/v1/models?client_version=1.2.3', { routes: MERGED, lists: LISTS })) as {
      readonly data: readonly unknown[];
      readonly models: readonly Record<string, unknown>[];
    };
    expect(reply.data).toHaveLength(4);
    expect(reply.models.map(({ slug }) => slug)).toEqual(['chat-fast', 'org/model', 'claude-9']);
    expect(reply.models[0]).toMatchObject({
      display_name: 'chat-fast',
      supported_reasoning_levels: [],
      shell_type: 'default',
      visibility: 'list',
      supported_in_api: true,
      truncation_policy: { mode: 'bytes', limit: 10_000 },
      base_instructions: expect.stringContaining('coding agent'),
    });
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
