import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis, Regression, ShadowBudget, ShadowPair } from '../../src/core/analysis.ts';
import { DECLARED, startTestAdmin, type TestAdmin } from './test-admin.ts';

const PATH = '/api/v1/rollouts/fast-v2';
const NOW = Date.UTC(2026, 0, 31, 12);

let admin: TestAdmin;
let analysis: Analysis | null;
let regressions: readonly Regression[];
let pairs: readonly ShadowPair[];
let budget: ShadowBudget | null;
beforeEach(async () => {
  [analysis, regressions, pairs, budget] = [null, [], [], null];
  admin = await startTestAdmin({
    analysis: {
      analysis: () => analysis,
      regressions: () => regressions,
      pairs: (_, limit) => pairs.slice(0, limit),
      budget: async () => budget,
    },
  });
});
afterEach(() => admin.server.close());

const ANALYSIS: Analysis = {
  rollout: 'fast-v2',
  revision: 1,
  epoch: 1,
  at: NOW,
  decision: 'rollback',
  reason: 'guard',
  summary: 'Rolled back.',
  next: null,
  minutesToGo: null,
  requests: 20,
  units: [],
  requestRate: 1,
  unitRate: 1,
  warnings: [],
  metrics: [],
};

describe('the analysis', () => {
  it('is what the controller tells', async () => {
    analysis = ANALYSIS;
    const at = '2026-01-31T12:00:00.000Z';
    expect(await admin.call('GET', `${PATH}/analysis`)).toEqual({
      status: 200,
      body: { ...ANALYSIS, at, budget: null },
    });
  });

  it('tells what a shadow has spent, and until when its budget is', async () => {
    const amounts = { usd: 20, spentUsd: 19.5, remainingUsd: 0.5 };
    analysis = ANALYSIS;
    budget = { ...amounts, resetsAt: NOW + 12 * 3_600_000, isSpent: false };
    const told = { ...amounts, resetsAt: '2026-02-01T00:00:00.000Z' };
    const { body } = await admin.call('GET', `${PATH}/analysis`);
    expect(body).toMatchObject({ summary: 'Rolled back.', budget: told });
    expect((body as { budget: unknown }).budget).toEqual(told);
    budget = { ...budget, isSpent: true };
    expect(await admin.call('GET', `${PATH}/analysis`)).toMatchObject({
      body: { summary: 'The budget is spent until 2026-02-01 00:00 UTC: no copies are sent. Rolled back.' },
    });
  });

  it.each([
    ['nothing was judged', null],
    ['what was judged is of an earlier start', { ...ANALYSIS, epoch: 0 }],
  ])('says that evidence is gathered where %s', async (_, known) => {
    analysis = known;
    expect(await admin.call('GET', `${PATH}/analysis`)).toMatchObject({
      status: 200,
      body: {
        rollout: 'fast-v2',
        epoch: 1,
        decision: 'none',
        reason: 'gathering',
        requests: 0,
        units: [],
        metrics: [],
      },
    });
  });

  it.each(['analysis', 'revisions', 'pairs'])('of an unknown rollout, %s is a 404', async (of) => {
    expect(await admin.call('GET', `/api/v1/rollouts/nobody/${of}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'rollout_not_found' } },
    });
  });
});

describe('undo', () => {
  it('goes back to the newest other declaration, and says why in the history', async () => {
    await admin.call('PUT', PATH, { ...DECLARED, steps: ['1%', '100%'] });
    expect(await admin.call('POST', `${PATH}/undo`, { reason: 'too careful' })).toMatchObject({
      status: 200,
      body: { revision: 3, steps: [5, 25, 50, 100], epoch: 2 },
    });
    const { body } = await admin.call('GET', `${PATH}/history?limit=1`);
    expect(body).toMatchObject([
      { action: 'undo', actor: 'api', reason: 'back to revision 1: too careful', kind: 'rollout' },
    ]);
  });

  it('goes back to the revision that is named', async () => {
    await admin.call('PUT', PATH, { ...DECLARED, steps: ['1%', '100%'] });
    await admin.call('PUT', PATH, { ...DECLARED, steps: ['2%', '100%'] });
    const undone = await admin.call('POST', `${PATH}/undo`, { toRevision: 1 });
    expect(undone).toMatchObject({ status: 200, body: { revision: 4, steps: [5, 25, 50, 100] } });
  });

  it.each([
    [{ toRevision: 9 }, 404, 'revision_not_found'],
    [{ toRevision: 0 }, 400, 'invalid_request'],
    [{ revision: 1 }, 400, 'invalid_request'],
  ])('%j is a %i %s', async (body, status, code) => {
    expect(await admin.call('POST', `${PATH}/undo`, body)).toMatchObject({ status, body: { error: { code } } });
    expect(admin.registry.get('fast-v2').version).toBe(1);
  });

  it('honours If-Match', async () => {
    await admin.call('PUT', PATH, { ...DECLARED, steps: ['1%', '100%'] });
    const stale = await admin.call('POST', `${PATH}/undo`, {}, { 'if-match': '"1"' });
    expect(stale).toMatchObject({ status: 412, body: { error: { code: 'version_mismatch' } } });
  });
});

describe('revisions', () => {
  it('are what was declared, newest first', async () => {
    await admin.call('PUT', PATH, { ...DECLARED, steps: ['1%', '100%'] });
    const { body } = await admin.call('GET', `${PATH}/revisions`);
    expect(body).toEqual([
      { revision: 2, at: '2026-01-31T12:00:00.000Z', actor: 'api', declared: { ...DECLARED, steps: ['1%', '100%'] } },
      { revision: 1, at: '2026-01-31T12:00:00.000Z', actor: 'config', declared: DECLARED },
    ]);
    const { body: limited } = await admin.call('GET', `${PATH}/revisions?limit=1`);
    expect(limited).toHaveLength(1);
  });
});

describe('the verbs', () => {
  it('retry brings other units to the canary where it is asked to, under another salt', async () => {
    const units = Array.from({ length: 400 }, (_, unit) => `user-${unit}`);
    const onCanary = async () => {
      const { body } = await admin.call('POST', `${PATH}/assign`, { units });
      return (body as { unit: string; arm: string }[]).filter(({ arm }) => arm === 'canary').map(({ unit }) => unit);
    };
    const before = await onCanary();
    await admin.call('POST', `${PATH}/abort`);
    await admin.call('POST', `${PATH}/retry`);
    expect(await onCanary()).toEqual(before);
    await admin.call('POST', `${PATH}/abort`);
    const { body } = await admin.call('POST', `${PATH}/retry`, { reshuffle: true });
    expect(body).toMatchObject({ salt: 'fast-v2#1', weight: 5 });
    const after = await onCanary();
    expect(after.length).toBeGreaterThan(0);
    expect(after).not.toEqual(before);
  });

  it('promote gives an arm of an experiment everything', async () => {
    const arms = { a: { weight: 50 }, b: { weight: 50 } };
    await admin.call('PUT', '/api/v1/rollouts/tone', { match: { model: 'chat-fast' }, arms });
    expect(await admin.call('POST', '/api/v1/rollouts/tone/promote', { arm: 'b' })).toMatchObject({
      status: 200,
      body: { winner: 'b', arms: [{ weight: 0 }, { weight: 100 }] },
    });
    expect(await admin.call('POST', '/api/v1/rollouts/tone/promote', { arm: 'nobody' })).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_transition' } },
    });
  });

  it('release-holdback gives the canary the rest', async () => {
    const holdback = { weight: '2%', for: '24h' };
    await admin.call('PUT', PATH, { ...DECLARED, holdback });
    expect(await admin.call('POST', `${PATH}/promote`, { full: true })).toMatchObject({
      body: { phase: 'healthy', weight: 98, holdback: { weight: 2, for: 86_400_000 } },
    });
    expect(await admin.call('POST', `${PATH}/release-holdback`)).toMatchObject({
      body: { phase: 'healthy', weight: 100 },
    });
  });
});

describe('pairs', () => {
  const side = {
    requestId: 'request-1',
    model: 'v1',
    error: false,
    refusal: null,
    invalidJson: null,
    latencyMs: 12,
    outputTokens: 3,
    costUsd: null,
    finishReason: 'stop',
  };

  it('are a request and its copy, as many as were asked for', async () => {
    const pair = (at: number): ShadowPair => ({ at, primary: side, shadow: { ...side, error: true } });
    pairs = [pair(NOW), pair(NOW - 1000)];
    const { body } = await admin.call('GET', `${PATH}/pairs?limit=1`);
    expect(body).toEqual([{ ...pair(NOW), at: '2026-01-31T12:00:00.000Z' }]);
  });
});

describe('regressions', () => {
  it('tell since when', async () => {
    const regression: Regression = {
      route: 'chat',
      metric: 'error_rate',
      segment: null,
      isActive: true,
      since: NOW,
      logE: 12,
      threshold: 10,
      baseline: 0.01,
      recent: 0.2,
      effect: { estimate: 19, low: null, high: null },
      samples: [],
    };
    regressions = [regression, { ...regression, isActive: false, since: null }];
    const { body } = await admin.call('GET', '/api/v1/regressions');
    expect(body).toMatchObject([{ since: '2026-01-31T12:00:00.000Z', isActive: true }, { since: null }]);
  });
});

describe('events', () => {
  it('tell of a regression under its own name', async () => {
    const response = await admin.fetch('/api/v1/events');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const found = { rollout: 'chat', revision: 0, action: 'opened', actor: 'controller', at: NOW } as const;
    const rest = { id: 7, phase: 'healthy', weight: 0, reason: 'errors', detail: { metric: 'error_rate' } } as const;
    admin.server.publishEvent({ kind: 'regression', ...found, ...rest });
    const { value } = await reader.read();
    const [, data] = /event: regression\ndata: (.*)\n/.exec(value!)!;
    expect(JSON.parse(data!)).toEqual({
      type: 'regression',
      kind: 'regression',
      id: 7,
      route: 'chat',
      action: 'opened',
      actor: 'controller',
      at: '2026-01-31T12:00:00.000Z',
      reason: 'errors',
      detail: { metric: 'error_rate' },
    });
    await reader.cancel();
  });

  it('of rollouts and of regressions are described', async () => {
    const { body } = await admin.call('GET', '/openapi.json');
    const { paths } = body as { paths: Record<string, { get: { responses: Record<string, { content: unknown }> } }> };
    const { anyOf } = (
      paths['/api/v1/events']!.get.responses['200']!.content as {
        'text/event-stream': { schema: { anyOf: { properties: Record<string, unknown>; required: string[] }[] } };
      }
    )['text/event-stream'].schema;
    expect(anyOf.slice(0, 2).map(({ properties }) => properties['type'])).toMatchObject([
      { const: 'rollout' },
      { const: 'regression' },
    ]);
    expect(anyOf[0]!.required).toEqual(expect.arrayContaining(['rollout', 'revision', 'phase', 'weight', 'state']));
    expect(anyOf[1]!.required).toContain('route');
    expect(anyOf[1]!.properties).not.toHaveProperty('phase');
  });
});

describe('a method that an endpoint does not take', () => {
  it.each([
    ['PATCH', PATH, 'PUT, GET, DELETE'],
    ['GET', `${PATH}/undo`, 'POST'],
    ['POST', '/api/v1/regressions', 'GET'],
  ])('%s %s is answered with those that it does', async (method, path, allowed) => {
    const response = await admin.fetch(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
  });
});
