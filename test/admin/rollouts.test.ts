import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DECLARED, startTestAdmin, type TestAdmin } from './test-admin.ts';

let admin: TestAdmin;
beforeEach(async () => {
  admin = await startTestAdmin();
});
afterEach(() => admin.server.close());

const EXTRA = { ...DECLARED, name: 'extra' };
const FAST = '/api/v1/rollouts/fast-v2';

describe('reading a rollout', () => {
  it('tells all of it, weights in percent', async () => {
    expect(await admin.call('GET', FAST)).toEqual({
      status: 200,
      body: {
        name: 'fast-v2',
        kind: 'canary',
        revision: 1,
        version: 1,
        phase: 'progressing',
        step: 0,
        weight: 5,
        desired: 'canary',
        epoch: 1,
        since: '2026-01-31T12:00:00.000Z',
        winner: null,
        arms: [
          { name: 'stable', target: 'sim/fast-v1', weight: 95 },
          { name: 'canary', target: 'sim/fast-v2', weight: 5 },
        ],
        match: { model: 'chat-fast', key: null, metadata: {} },
        sticky: ['metadata.conversation', 'user'],
        salt: 'fast-v2',
        steps: [5, 25, 50, 100],
        pausePoints: [],
        holdback: null,
        layer: null,
        goal: null,
        updatedAt: '2026-01-31T12:00:00.000Z',
        declared: DECLARED,
      },
    });
  });

  it('lists those in force', async () => {
    expect(await admin.call('GET', '/api/v1/rollouts')).toMatchObject({ status: 200, body: [{ name: 'fast-v2' }] });
  });

  it('carries its version as the ETag', async () => {
    expect((await admin.fetch(FAST)).headers.get('etag')).toBe('"1"');
  });

  it('of an unknown name is a 404', async () => {
    const expected = { status: 404, body: { error: { code: 'rollout_not_found' } } };
    expect(await admin.call('GET', '/api/v1/rollouts/nobody')).toMatchObject(expected);
    expect(await admin.call('GET', '/api/v1/rollouts/nobody/history')).toMatchObject(expected);
    expect(await admin.call('POST', '/api/v1/rollouts/nobody/abort')).toMatchObject(expected);
  });
});

describe('applying a rollout', () => {
  it('creates it once; an equal declaration changes nothing', async () => {
    const first = await admin.call('PUT', '/api/v1/rollouts/extra', EXTRA);
    expect(first).toMatchObject({ status: 201 });
    const { version } = first.body as { version: number };
    const again = await admin.call('PUT', '/api/v1/rollouts/extra', EXTRA);
    expect(again).toMatchObject({ status: 200, body: { version } });
  });

  it('takes the name from the path where the body has none, and refuses another', async () => {
    const { name: _, ...unnamed } = EXTRA;
    expect(await admin.call('PUT', '/api/v1/rollouts/extra', unnamed)).toMatchObject({ status: 201 });
    expect(await admin.call('PUT', '/api/v1/rollouts/other', EXTRA)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });

  it('tells what is wrong with a declaration and the fix', async () => {
    const bad = { ...EXTRA, canary: { target: 'simm/fast-v2' }, stepps: [1] };
    const { status, body } = await admin.call('PUT', '/api/v1/rollouts/extra', bad);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'invalid_rollout', message: expect.stringContaining('stepps') } });
  });

  it('honours If-Match', async () => {
    const put = (tag: string, steps: string[]) => admin.call('PUT', FAST, { ...DECLARED, steps }, { 'if-match': tag });
    expect(await put('"7"', ['1%'])).toMatchObject({ status: 412, body: { error: { code: 'version_mismatch' } } });
    expect(await put('"1"', ['1%', '2%'])).toMatchObject({ status: 200, body: { version: 2, revision: 2 } });
    expect(await put('*', ['1%', '3%'])).toMatchObject({ status: 200, body: { version: 3 } });
    expect(await put('nonsense', ['1%'])).toMatchObject({ status: 400 });
    expect(await admin.call('PUT', '/api/v1/rollouts/extra', EXTRA, { 'if-match': '*' })).toMatchObject({
      status: 412,
    });
  });
});

describe('steering a rollout', () => {
  it('set-weight takes effect at once and pauses the steps', async () => {
    const reply = await admin.call('POST', `${FAST}/set-weight`, { weight: 37, reason: 'more' });
    expect(reply).toMatchObject({
      status: 200,
      body: { phase: 'paused', weight: 37, arms: [{ weight: 63 }, { weight: 37 }] },
    });
    expect(admin.registry.current()[0]!.state.weight).toBe(37);
  });

  it.each([
    ['pause', {}, { phase: 'paused', weight: 5 }],
    ['promote', {}, { phase: 'progressing', weight: 25, step: 1 }],
    ['promote', { full: true }, { phase: 'healthy', weight: 100 }],
    ['abort', { reason: 'errors' }, { phase: 'degraded', weight: 0, desired: 'stable' }],
  ])('%s with %j', async (verb, body, expected) => {
    expect(await admin.call('POST', `${FAST}/${verb}`, body)).toMatchObject({ status: 200, body: expected });
  });

  it('a verb without arguments needs no body', async () => {
    expect(await admin.call('POST', `${FAST}/pause`)).toMatchObject({ status: 200, body: { phase: 'paused' } });
    expect(await admin.call('POST', `${FAST}/resume`)).toMatchObject({ status: 200, body: { phase: 'progressing' } });
    expect(await admin.call('POST', `${FAST}/abort`)).toMatchObject({ status: 200 });
    expect(await admin.call('POST', `${FAST}/retry`)).toMatchObject({
      status: 200,
      body: { weight: 5, desired: 'canary' },
    });
  });

  it.each([
    ['retry', {}, 409, 'invalid_transition'],
    ['set-weight', { weight: 101 }, 400, 'invalid_weight'],
    ['set-weight', { weight: '37' }, 400, 'invalid_request'],
    ['set-weight', { weight: 37, wieght: 1 }, 400, 'invalid_request'],
    ['set-weight', {}, 400, 'invalid_request'],
    ['promote', { full: 'yes' }, 400, 'invalid_request'],
    ['pause', [], 400, 'invalid_request'],
  ])('%s with %j is a %i %s', async (verb, body, status, code) => {
    expect(await admin.call('POST', `${FAST}/${verb}`, body)).toMatchObject({ status, body: { error: { code } } });
    expect(admin.registry.get('fast-v2').version).toBe(1);
  });

  it('honours If-Match', async () => {
    expect(await admin.call('POST', `${FAST}/abort`, {}, { 'if-match': '"2"' })).toMatchObject({ status: 412 });
    expect(await admin.call('POST', `${FAST}/abort`, {}, { 'if-match': '"1"' })).toMatchObject({ status: 200 });
  });

  it('answers 503 and changes nothing where the store fails', async () => {
    admin.store.failure = new Error('disk full');
    expect(await admin.call('POST', `${FAST}/pause`)).toMatchObject({
      status: 503,
      body: { error: { code: 'store_unavailable' } },
    });
    expect(await admin.call('GET', FAST)).toMatchObject({ body: { weight: 5 } });
  });

  it('answers an abort that the store cannot take with what holds here, and that it is pending', async () => {
    expect((await admin.call('GET', FAST)).body).not.toHaveProperty('pending');
    admin.store.failure = new Error('disk full');
    expect(await admin.call('POST', `${FAST}/abort`)).toMatchObject({
      status: 200,
      body: { weight: 0, phase: 'degraded', pending: true },
    });
    expect(await admin.call('GET', FAST)).toMatchObject({ body: { weight: 0, pending: true } });
  });

  it('leaves a history with actor, reason and time, newest first', async () => {
    await admin.call('POST', `${FAST}/abort`, { reason: 'too many errors' });
    const { body } = await admin.call('GET', `${FAST}/history?limit=2`);
    expect(body).toMatchObject([
      { action: 'abort', actor: 'api', reason: 'too many errors', at: '2026-01-31T12:00:00.000Z', weight: 0 },
      { action: 'apply', actor: 'config' },
    ]);
    expect(await admin.call('GET', `${FAST}/history?limit=1`)).toMatchObject({ body: { length: 1 } });
    expect(await admin.call('GET', `${FAST}/history?limit=0`)).toMatchObject({ status: 400 });
  });
});

describe('deleting a rollout', () => {
  it('is for those of the API; the file keeps its own', async () => {
    await admin.call('PUT', '/api/v1/rollouts/extra', EXTRA);
    expect(await admin.call('DELETE', '/api/v1/rollouts/extra', undefined, { 'if-match': '"9"' })).toMatchObject({
      status: 412,
    });
    expect(await admin.call('DELETE', '/api/v1/rollouts/extra')).toEqual({ status: 204, body: null });
    expect(await admin.call('GET', '/api/v1/rollouts/extra')).toMatchObject({ status: 404 });
    expect(await admin.call('GET', '/api/v1/rollouts/extra/history')).toMatchObject({
      status: 200,
      body: { length: 2 },
    });
    expect(await admin.call('DELETE', FAST)).toMatchObject({
      status: 409,
      body: { error: { code: 'declared_in_config' } },
    });
  });
});

describe('asking for assignments', () => {
  it('answers for each unit in order, with the position of the formula', async () => {
    await admin.call('POST', `${FAST}/set-weight`, { weight: 50 });
    const { body } = await admin.call('POST', `${FAST}/assign`, { units: ['user-1', 'user-2', 'user-1'] });
    const [first, second, third] = body as { unit: string; u: number; arm: string }[];
    expect([first!.unit, second!.unit]).toEqual(['user-1', 'user-2']);
    expect(third).toEqual(first);
    for (const { u, arm } of [first!, second!]) expect(arm).toBe(u < 0.5 ? 'canary' : 'stable');
  });

  it('agrees with the reference vector', async () => {
    await admin.call('PUT', '/api/v1/rollouts/exp-1', { ...DECLARED, name: 'exp-1' });
    const { body } = await admin.call('POST', '/api/v1/rollouts/exp-1/assign', { units: ['user-1'] });
    expect((body as { u: number }[])[0]!.u).toBeCloseTo(0.78473426, 8);
  });

  it('takes 10,000 units and no more', async () => {
    const units = (count: number) => ({ units: Array.from({ length: count }, (_, unit) => `u${unit}`) });
    expect(await admin.call('POST', `${FAST}/assign`, units(10_000))).toMatchObject({
      status: 200,
      body: { length: 10_000 },
    });
    expect(await admin.call('POST', `${FAST}/assign`, units(10_001))).toMatchObject({ status: 400 });
  });
});

describe('a rollout that is in the way of others', () => {
  const put = async (name: string, declared: object) => {
    const { body } = await admin.call('PUT', `/api/v1/rollouts/${name}`, { ...DECLARED, name, ...declared });
    return (body as { warnings: readonly string[] }).warnings;
  };
  const layer = (from: string, to: string) => ({ name: 'l', from, to });
  const match = { model: 'other' };

  it('is applied with the warning that the file would be refused with', async () => {
    expect(await put('one', { match, layer: layer('0%', '60%') })).toEqual([]);
    expect(await put('two', { match, layer: layer('50%', '100%') })).toEqual([
      '"two.layer" overlaps the range of "one" in the layer "l"; begin at 60%, or end at 0%',
    ]);
    // The earlier one in order is named where the later one is in its way.
    expect(await put('one', { match, layer: layer('0%', '70%') })).toEqual([
      '"two.layer" overlaps the range of "one" in the layer "l"; begin at 70%, or end at 0%',
    ]);
    expect(await put('two', { match, layer: layer('70%', '100%') })).toEqual([]);
  });

  it('is applied with a warning where its guards would miss a canary that hangs', async () => {
    expect(await put('g', { match, guard: { error_rate: '+25%' } })).toEqual([
      expect.stringMatching(/^"g\.guard" has neither latency_p95 nor ttft_p95: .*; add e\.g\. latency_p95: \+50%$/),
    ]);
  });

  it('is applied with a warning where one of them never takes part', async () => {
    expect(await put('b', { match })).toEqual([]);
    expect(await put('c', { match })).toEqual([
      expect.stringMatching(/^"c" never takes part: "b" matches all of its requests and comes first; give them/),
    ]);
    expect(await put('a', { match })).toHaveLength(2);
    expect(await put('d', { match: { model: 'another' } })).toEqual([]);
  });

  it('is told of with its analysis as long as it is, and the one in front of it is not', async () => {
    const warnings = async (name: string) => {
      const { body } = await admin.call('GET', `/api/v1/rollouts/${name}/analysis`);
      return (body as { warnings: readonly string[] }).warnings;
    };
    await put('b', { match });
    await put('c', { match });
    expect(await warnings('b')).toEqual([]);
    expect(await warnings('c')).toEqual([expect.stringMatching(/^"c" never takes part: "b" matches all/)]);
    await admin.call('DELETE', '/api/v1/rollouts/b');
    expect(await warnings('c')).toEqual([]);
  });
});
