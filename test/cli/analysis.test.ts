import { afterEach, describe, expect, it } from 'vitest';
import type { Analysis, MetricAnalysis, Regression, ShadowPair } from '../../src/core/analysis.ts';
import { startTestAdmin, viewOf, type TestAdmin } from '../admin/test-admin.ts';
import { cli, type CliResult } from './run-cli.ts';

let admin: TestAdmin;
afterEach(() => admin.server.close());

const GUARD: MetricAnalysis = {
  role: 'guard',
  metric: 'error_rate',
  segment: null,
  state: 'gathering',
  margin: 1.25,
  eValue: 1.5,
  threshold: 222,
  harmlessness: 4,
  harmlessThreshold: 20,
  effect: { estimate: 0.1, low: -0.2, high: 0.5 },
  counts: [
    { arm: 'stable', units: 950, events: 10 },
    { arm: 'canary', units: 50, events: 1 },
  ],
  unitsToGo: 2300,
  samples: [],
};

const CROSSED: MetricAnalysis = {
  ...GUARD,
  segment: 'metadata.language=fr',
  state: 'crossed',
  eValue: 23_456,
  threshold: 8_000,
  effect: { estimate: 8.12, low: 1.4, high: null },
  samples: ['request-1', 'request-2'],
};

function analysisOf(change: Partial<Analysis> = {}): Analysis {
  return {
    rollout: 'fast-v2',
    revision: 1,
    epoch: 1,
    at: Date.UTC(2026, 0, 31, 12),
    decision: 'none',
    reason: 'gathering',
    summary: '5 % is on the canary. Nothing speaks against it so far; evidence is gathered.',
    next: 'It goes to 25 % when error_rate is shown to be harmless: about 12 min at 3.2 requests a second.',
    minutesToGo: 12,
    requests: 1000,
    units: [
      { arm: 'stable', units: 950 },
      { arm: 'canary', units: 50 },
    ],
    requestRate: 3.2,
    unitRate: 3.2,
    warnings: [],
    metrics: [GUARD],
    ...change,
  };
}

interface Known {
  readonly analysis?: Analysis;
  readonly regressions?: readonly Regression[];
  readonly pairs?: readonly ShadowPair[];
}

async function run(known: Known, ...argv: string[]): Promise<CliResult> {
  admin = await startTestAdmin({
    analysis: viewOf({
      analysis: () => known.analysis ?? null,
      regressions: () => known.regressions ?? [],
      pairs: () => known.pairs ?? [],
    }),
  });
  return cli([...argv, '--url', admin.url]);
}

const ROLLED_BACK = analysisOf({
  decision: 'rollback',
  reason: 'guard',
  summary: 'Rolled back: error_rate is +812 % where metadata.language=fr.',
  next: '`retry` starts it again; nothing happens by itself.',
  minutesToGo: null,
  metrics: [{ ...GUARD, state: 'harmless', harmlessness: 31 }, CROSSED],
});

describe('status', () => {
  it('says what happens, why and how long still in its first lines, on one screen', async () => {
    const { stdout } = await run({ analysis: analysisOf() }, 'rollout', 'status', 'fast-v2');
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'fast-v2  canary, progressing, revision 1',
      '  5 % is on the canary. Nothing speaks against it so far; evidence is gathered.',
      '  It goes to 25 % when error_rate is shown to be harmless: about 12 min at 3.2 requests a second.',
    ]);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it('shows each metric with its margin, change, counts and evidence', async () => {
    const { stdout } = await run({ analysis: analysisOf() }, 'rollout', 'status', 'fast-v2');
    expect(stdout).toContain(
      'error_rate   +25 %  +10 % (-20 to +50 %)  10/950    1/50  harmless 4 of 20  2300 units to go',
    );
  });

  it('warns of what the comparison itself suffers from', async () => {
    const { stdout } = await run({ analysis: analysisOf({ warnings: ['srm'] }) }, 'rollout', 'status', 'fast-v2');
    expect(stdout).toContain('Warning: the arms get another share of the units than they should.');
  });

  it('tells of the rollout alone before anything was judged', async () => {
    const { stdout } = await run({}, 'rollout', 'status', 'fast-v2');
    expect(stdout).toContain('5 % of the matching traffic is on the canary');
  });
});

describe('why', () => {
  it('names metric, segment, evidence, estimate with bounds, counts and requests', async () => {
    const { stdout, status } = await run({ analysis: ROLLED_BACK }, 'rollout', 'why', 'fast-v2');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 10)).toEqual([
      'fast-v2  progressing, revision 1',
      '  Rolled back: error_rate is +812 % where metadata.language=fr.',
      '  `retry` starts it again; nothing happens by itself.',
      '  Last: apply by config at 2026-01-31 12:00:00 UTC: declared',
      '',
      'error_rate where metadata.language=fr: worse than accepted, for sure',
      '  change     +812 % (at least +140 %) of canary against stable; accepted is +25 %',
      '  counts     stable 10 of 950 units, canary 1 of 50 units',
      '  evidence   e-value 23500 of 8000 needed to roll back',
      '  requests   request-1',
    ]);
  });

  it('tells what is missing where nothing is decided', async () => {
    const { stdout } = await run({ analysis: analysisOf() }, 'rollout', 'why', 'fast-v2');
    expect(stdout).toContain('  harmless   e-value 4 of 20 needed to go on: about 2300 units to go');
  });

  it('does not say that there are no errors where no request was judged', async () => {
    const counts = [
      { arm: 'stable', units: 12, events: 0 },
      { arm: 'canary', units: 0, events: 0 },
    ] as const;
    const analysis = analysisOf({ metrics: [{ ...GUARD, counts, unitsToGo: null }] });
    const { stdout } = await run({ analysis }, 'rollout', 'why', 'fast-v2');
    expect(stdout).toContain('  harmless   e-value 4 of 20 needed to go on: no request of "canary" was judged yet\n');
    expect(stdout).toMatch(/error_rate .* no request yet$/m);
  });

  it('gives all of it with --json', async () => {
    const { stdout } = await run({ analysis: ROLLED_BACK }, 'rollout', 'why', 'fast-v2', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      rollout: { name: 'fast-v2' },
      analysis: { decision: 'rollback' },
      event: { action: 'apply' },
    });
  });

  it('forgets the evidence of an earlier start', async () => {
    const { stdout } = await run({ analysis: { ...ROLLED_BACK, epoch: 7 } }, 'rollout', 'why', 'fast-v2');
    expect(stdout).toContain('Nothing was judged yet');
  });
});

describe('plan of a running rollout', () => {
  it('counts with what was measured', async () => {
    const judged = {
      name: 'judged',
      match: { model: 'm' },
      canary: { target: 'sim/x' },
      guard: { error_rate: '+25%' },
    };
    const metrics = [{ ...GUARD, counts: [{ arm: 'stable', units: 999, events: 49.5 }, GUARD.counts[1]] as const }];
    admin = await startTestAdmin({
      analysis: viewOf({ analysis: () => analysisOf({ rollout: 'judged', epoch: 2, unitRate: 0.72, metrics }) }),
    });
    await admin.call('PUT', '/api/v1/rollouts/judged', judged);
    const { stdout } = await cli(['rollout', 'plan', 'judged', '--url', admin.url, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rate: 0.72, steps: [{ guards: [{ baseline: 0.05 }] }, {}, {}] });
    expect(JSON.parse(stdout)).toMatchObject({ measured: ['rate', 'error_rate'] });
  });

  it('says so where users come back and no new ones come', async () => {
    const declared = { match: { model: 'm' }, canary: { target: 'sim/x' }, guard: { error_rate: '+25%' } };
    const analysis = analysisOf({ rollout: 'judged', epoch: 2, unitRate: 0 });
    admin = await startTestAdmin({ analysis: viewOf({ analysis: () => analysis }) });
    await admin.call('PUT', '/api/v1/rollouts/judged', { name: 'judged', ...declared });
    const plan = ['rollout', 'plan', 'judged', '--url', admin.url];
    expect((await cli(plan)).stdout).toContain('No new users come: only `promote` or `step.max` ends a step.');
    expect((await cli([...plan, '--rate', '3'])).stdout).not.toContain('No new users come');
  });
});

describe('plan of what has no steps', () => {
  const paired = (metric: string, change: Partial<MetricAnalysis>): MetricAnalysis => ({
    ...GUARD,
    role: 'shadow',
    metric,
    harmlessness: null,
    harmlessThreshold: null,
    unitsToGo: null,
    counts: [
      { arm: 'primary', units: 600, events: 1 },
      { arm: 'shadow', units: 600, events: 9 },
    ],
    ...change,
  });
  const plan = async (declared: object, metrics: readonly MetricAnalysis[], ...options: string[]) => {
    const analysis = analysisOf({ rollout: 'x', epoch: 2, requestRate: 5, unitRate: null, metrics });
    admin = await startTestAdmin({ analysis: viewOf({ analysis: () => analysis }) });
    await admin.call('PUT', '/api/v1/rollouts/x', { match: { model: 'm' }, ...declared });
    return cli(['rollout', 'plan', 'x', '--url', admin.url, ...options]);
  };
  const SHADOW = { shadow: { target: 'sim/x', sample: '10%' } };

  it('tells of a shadow how many pairs are still needed', async () => {
    const metrics = [
      paired('error_rate', { eValue: 100, threshold: 10_000 }),
      paired('refusal_rate', { eValue: 1 }),
      paired('latency', { state: 'crossed', eValue: 1e6 }),
    ];
    const { stdout, status } = await plan(SHADOW, metrics);
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      '"x" is a shadow: it has no steps, its copies are compared pair by pair.',
      'Still needed are so many pairs, should things go on as they did:',
    ]);
    expect(stdout).toMatch(/^error_rate +shadow against primary +gathering +about 600 +2 min$/m);
    expect(stdout).toMatch(/^refusal_rate +shadow against primary +gathering +nobody can tell +-$/m);
    expect(stdout).toMatch(/^latency +shadow against primary +crossed +none +-$/m);
  });

  it('tells of an experiment how many values are still needed', async () => {
    const goal = paired('up', { role: 'goal', eValue: 2.5, threshold: 40 });
    const declared = {
      arms: { a: { weight: 50 }, b: { weight: 50 } },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the declaration, never awaited
      goal: { feedback: 'up', better: 'higher', then: 'announce' },
    };
    const { stdout } = await plan(declared, [goal], '--json');
    const toGo = Math.ceil(1200 * (Math.log(40) / Math.log(2.5) - 1));
    expect(JSON.parse(stdout)).toEqual({
      name: 'x',
      kind: 'experiment',
      comparisons: [{ metric: 'up', arms: ['primary', 'shadow'], state: 'gathering', toGo, minutes: null }],
    });
    await admin.server.close();
    expect((await plan(declared, [])).stdout).toContain('It has no goal, or no value was judged yet.');
  });
});

describe('plan of a rollout whose arms have no errors', () => {
  it('says that nothing can be shown, and neither how long that takes nor that it is assumed', async () => {
    const declared = { match: { model: 'm' }, canary: { target: 'sim/x' }, guard: { error_rate: '+25%' } };
    const counts = [
      { arm: 'stable', units: 9500, events: 0 },
      { arm: 'canary', units: 500, events: 0 },
    ] as const;
    const analysis = analysisOf({ rollout: 'judged', epoch: 2, metrics: [{ ...GUARD, counts, unitsToGo: null }] });
    admin = await startTestAdmin({ analysis: viewOf({ analysis: () => analysis }) });
    await admin.call('PUT', '/api/v1/rollouts/judged', { name: 'judged', ...declared });
    const plan = ['rollout', 'plan', 'judged', '--url', admin.url];
    const { steps, measured } = JSON.parse((await cli([...plan, '--json'])).stdout) as Record<string, unknown>;
    const [guard] = (steps as readonly { guards: readonly unknown[] }[])[0]!.guards;
    expect(guard).toMatchObject({ baseline: 0, clear: null, catch: { requests: null, minutes: null } });
    expect(measured).toContain('error_rate');
    expect((await cli(plan)).stdout).toContain('error_rate cannot be shown: no errors on either arm. `--baseline');
    const given = await cli([...plan, '--baseline', 'error_rate=1%', '--json']);
    expect(JSON.parse(given.stdout)).toMatchObject({
      steps: [{ guards: [{ clear: { requests: expect.any(Number) } }] }, {}, {}],
    });
    const why = await cli(['rollout', 'why', 'judged', '--url', admin.url]);
    expect(why.stdout).toContain('needed to go on: cannot be shown: no errors on either arm\n');
  });
});

describe('undo', () => {
  it('goes back to the revision before, and revisions lists them', async () => {
    const { stdout } = await run({}, 'rollout', 'list', '--json');
    const [{ declared }] = JSON.parse(stdout) as [{ declared: object }];
    await admin.call('PUT', '/api/v1/rollouts/fast-v2', { ...declared, steps: [1, 2] });
    const undone = await cli(['rollout', 'undo', 'fast-v2', '--reason', 'oops', '--json', '--url', admin.url]);
    expect(JSON.parse(undone.stdout)).toMatchObject({ revision: 3, steps: [5, 25, 50, 100] });
    const revisions = await cli(['rollout', 'revisions', 'fast-v2', '--url', admin.url]);
    expect(
      revisions.stdout
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().split(/\s+/)[0]),
    ).toEqual(['REVISION', '3', '2', '1']);
  });

  it('names the revisions that there are where the one asked for is none of them', async () => {
    const { status, stderr } = await run({}, 'rollout', 'undo', 'fast-v2', '--to-revision', '9');
    expect([status, stderr]).toEqual([1, expect.stringContaining('has no revision 9; it has 1') as string]);
  });
});

describe('pairs', () => {
  it('stand beside each other', async () => {
    const side = { model: 'v1', refusal: null, invalidJson: null, costUsd: null, error: false };
    const primary = { ...side, requestId: 'request-1', latencyMs: 812.4, outputTokens: 20, finishReason: 'stop' };
    const shadow = {
      ...side,
      requestId: 'copy-1',
      error: true,
      latencyMs: null,
      outputTokens: null,
      finishReason: null,
    };
    const { stdout } = await run({ pairs: [{ at: 0, primary, shadow }] }, 'rollout', 'pairs', 'fast-v2');
    expect(stdout).toContain('1970-01-01 00:00:00  812 ms, 20 tokens, stop  error   request-1');
  });
});

describe('regressions', () => {
  const regression: Regression = {
    route: 'chat',
    metric: 'refusal_rate',
    segment: null,
    isActive: true,
    since: 0,
    logE: 12,
    threshold: 10,
    baseline: 0.01,
    recent: 0.2,
    effect: { estimate: 19, low: null, high: null },
    samples: [],
  };

  it('shows the routes that changed', async () => {
    const { stdout } = await run(
      { regressions: [regression, { ...regression, metric: 'ttft', isActive: false }] },
      'regressions',
    );
    expect(stdout).toContain('chat   refusal_rate  since 1970-01-01 00:00:00  +1900 %');
    expect(stdout).not.toContain('ttft');
  });

  it('says so where none did', async () => {
    const { stdout } = await run({ regressions: [{ ...regression, isActive: false }] }, 'regressions');
    expect(stdout).toBe('No route is other than its own past; 1 metrics are watched.\n');
  });
});
