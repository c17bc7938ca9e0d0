import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis, MetricAnalysis, ShadowBudget } from '../../src/core/analysis.ts';
import { effectText } from '../../src/cli/analysis-text.ts';
import { startTestAdmin, viewOf, type TestAdmin } from '../admin/test-admin.ts';
import { cli, type CliInput, type CliResult } from './run-cli.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

let admin: TestAdmin;
let analysis: Analysis | null;
let budget: ShadowBudget | null;
beforeEach(async () => {
  analysis = null;
  budget = null;
  admin = await startTestAdmin({ analysis: viewOf({ analysis: () => analysis, budget: async () => budget }) });
});
afterEach(() => admin.server.close());

const GUARD: MetricAnalysis = {
  role: 'guard',
  metric: 'error_rate',
  segment: null,
  state: 'gathering',
  margin: 1.25,
  eValue: 0.8,
  threshold: 222,
  harmlessness: 14.2,
  harmlessThreshold: 20,
  effect: { estimate: -0.02, low: -0.3, high: 0.31 },
  counts: [
    { arm: 'stable', units: 9500, events: 95 },
    { arm: 'canary', units: 500, events: 5 },
  ],
  unitsToGo: 340,
  samples: [],
};

function known(change: Partial<Analysis>): Analysis {
  return {
    rollout: 'fast-v2',
    revision: 1,
    epoch: 1,
    at: NOW,
    decision: 'none',
    reason: 'gathering',
    summary: 'Something is so.',
    next: null,
    minutesToGo: null,
    requests: 10_000,
    units: [
      { arm: 'stable', units: 9500 },
      { arm: 'canary', units: 500 },
    ],
    requestRate: 3.2,
    unitRate: 3.2,
    warnings: [],
    metrics: [],
    ...change,
  };
}

async function apply(name: string, declared: object): Promise<void> {
  const { status, body } = await admin.call('PUT', `/api/v1/rollouts/${name}`, declared);
  expect(body).toMatchObject({ name });
  expect(status).toBe(201);
}

function run(verb: string, name: string, ...rest: string[]): Promise<CliResult> {
  return cli(['rollout', verb, name, ...rest, '--url', admin.url]);
}

async function screen(verb: string, name: string): Promise<readonly string[]> {
  const { stdout } = await run(verb, name);
  return stdout.trimEnd().split('\n');
}

/** What stands before the first empty line: what is happening, why and how long still. */
async function head(name: string): Promise<readonly string[]> {
  const lines = await screen('status', name);
  expect(lines.indexOf('')).toBeLessThanOrEqual(5);
  return lines.slice(1, lines.indexOf('')).map((line) => line.trim());
}

describe('the screen of a canary', () => {
  it('near its next step tells what is missing', async () => {
    analysis = known({
      summary: '5 % is on the canary. Nothing speaks against it so far; evidence is gathered.',
      next: 'It goes to 25 % when error_rate is shown to be harmless: about 2 min at 3.2 requests a second.',
      minutesToGo: 1.8,
      metrics: [GUARD, { ...GUARD, metric: 'latency_p95', state: 'harmless', harmlessness: 23, margin: 1.15 }],
    });
    expect(await screen('status', 'fast-v2')).toEqual([
      'fast-v2  canary, progressing, revision 1',
      '  5 % is on the canary. Nothing speaks against it so far; evidence is gathered.',
      '  It goes to 25 % when error_rate is shown to be harmless: about 2 min at 3.2 requests a second.',
      '',
      'steps    [5 %]  25 %  50 %  100 %',
      'match    model chat-fast',
      'sticky   metadata.conversation, user; salt fast-v2',
      'since    2026-01-31 12:00:00 UTC',
      '',
      'ARM     TARGET       WEIGHT',
      'stable  sim/fast-v1    95 %  ######################################',
      'canary  sim/fast-v2     5 %  ##',
      '',
      'METRIC       MARGIN  CHANGE                STABLE  CANARY  EVIDENCE             STATE',
      'error_rate    +25 %  -2 % (-30 to +31 %)  95/9500   5/500  harmless 14.2 of 20  340 units to go',
      'latency_p95   +15 %  -2 % (-30 to +31 %)  95/9500   5/500  harmless 23 of 20    harmless',
      '',
      'TIME (UTC)           ACTION  WEIGHT  BY      REASON',
      '2026-01-31 12:00:00  apply      5 %  config  declared',
    ]);
  });

  it('that was rolled back by itself says for what, where and how sure', async () => {
    const crossed: MetricAnalysis = {
      ...GUARD,
      segment: 'metadata.language=fr',
      state: 'crossed',
      eValue: 173,
      threshold: 133,
      effect: { estimate: 31, low: 0.868, high: null },
      counts: [
        { arm: 'stable', units: 40, events: 0 },
        { arm: 'canary', units: 29, events: 12 },
      ],
      samples: ['5cbce45c', '1e528c16'],
    };
    const reason = 'error_rate is +3100 % (at least +87 %) where metadata.language=fr, e-value 173 of 133 needed.';
    await admin.registry.execute('fast-v2', { verb: 'abort' }, { actor: 'controller', reason });
    analysis = known({
      decision: 'rollback',
      reason: 'guard',
      summary: `Rolled back: ${reason}`,
      next: '`retry` starts it again; nothing happens by itself.',
      metrics: [{ ...GUARD, unitsToGo: null }, crossed],
    });
    expect(await screen('status', 'fast-v2')).toEqual([
      'fast-v2  canary, degraded, revision 1',
      '  Rolled back: error_rate is +3100 % (at least +87 %) where metadata.language=fr, e-value 173 of 133',
      '  needed.',
      '  `retry` starts it again; nothing happens by itself.',
      '',
      'steps    5 %  25 %  50 %  100 %',
      'match    model chat-fast',
      'sticky   metadata.conversation, user; salt fast-v2',
      'since    2026-01-31 12:00:00 UTC',
      '',
      'ARM     TARGET       WEIGHT',
      'stable  sim/fast-v1   100 %  ########################################',
      'canary  sim/fast-v2     0 %',
      '',
      'METRIC                           MARGIN  CHANGE                       STABLE  CANARY  EVIDENCE             STATE',
      'error_rate metadata.language=fr   +25 %  +3100 % (at least +86.8 %)     0/40   12/29  173 of 133           crossed',
      'error_rate                        +25 %  -2 % (-30 to +31 %)         95/9500   5/500  harmless 14.2 of 20  gathering',
      '',
      'TIME (UTC)           ACTION  WEIGHT  BY          REASON',
      '2026-01-31 12:00:00  abort      0 %  controller  error_rate is +3100 % (at least +87 %) whe...',
      '2026-01-31 12:00:00  apply      5 %  config      declared',
    ]);
    expect(await screen('why', 'fast-v2')).toEqual([
      'fast-v2  degraded, revision 1',
      '  Rolled back: error_rate is +3100 % (at least +87 %) where metadata.language=fr, e-value 173 of 133',
      '  needed.',
      '  `retry` starts it again; nothing happens by itself.',
      '  Last: abort by controller at 2026-01-31 12:00:00 UTC',
      '',
      'error_rate where metadata.language=fr: worse than accepted, for sure',
      '  change     +3100 % (at least +86.8 %) of canary against stable; accepted is +25 %',
      '  counts     stable 0 of 40 units, canary 12 of 29 units',
      '  evidence   e-value 173 of 133 needed to roll back',
      '  requests   5cbce45c',
      '             1e528c16',
      '  look up    by requestId in the log; GET /api/v1/requests?rollout=fast-v2&arm=canary has the latest',
      '',
      'METRIC                           MARGIN  CHANGE                       STABLE  CANARY  EVIDENCE             STATE',
      'error_rate metadata.language=fr   +25 %  +3100 % (at least +86.8 %)     0/40   12/29  173 of 133           crossed',
      'error_rate                        +25 %  -2 % (-30 to +31 %)         95/9500   5/500  harmless 14.2 of 20  gathering',
      '',
      '10000 requests judged: stable 9500 units, canary 500 units',
    ]);
  });

  it('that is held says by what, and what would let it go on', async () => {
    analysis = known({
      decision: 'hold',
      reason: 'srm',
      summary: '5 % is on the canary. The arms get another share of the units than they should.',
      next: 'It goes to 25 % once that is no longer so; `promote` overrules it.',
      warnings: ['srm'],
      metrics: [{ ...GUARD, role: 'srm', metric: 'srm', state: 'crossed', margin: null, eValue: 4e7, threshold: 1000 }],
    });
    expect(await head('fast-v2')).toEqual([
      '5 % is on the canary. The arms get another share of the units than they should.',
      'It goes to 25 % once that is no longer so; `promote` overrules it.',
      'Warning: the arms get another share of the units than they should.',
    ]);
    expect((await screen('why', 'fast-v2')).join('\n')).toContain('e-value 4.0e+7 of 1000 needed to hold');
  });

  it('whose arms have no errors does not count units until something is shown', async () => {
    const silent = { effect: { estimate: null, low: null, high: null }, harmlessness: 1, unitsToGo: null };
    const counts = [
      { arm: 'stable', units: 9500, events: 0 },
      { arm: 'canary', units: 500, events: 0 },
    ] as const;
    analysis = known({
      metrics: [
        { ...GUARD, ...silent, counts },
        { ...GUARD, ...silent, counts, metric: 'invalid_json' },
      ],
    });
    const lines = await screen('status', 'fast-v2');
    expect(lines).toContain('error_rate     +25 %  unknown  0/9500   0/500  harmless 1 of 20  no errors yet');
    expect(lines).toContain('invalid_json   +25 %  unknown  0/9500   0/500  harmless 1 of 20  no invalid JSON yet');
  });

  it('that judges no request yet says so, and not that nothing would be judged', async () => {
    await apply('guarded', { match: { model: 'm' }, canary: { target: 'sim/x' }, guard: { error_rate: '+25%' } });
    expect(await screen('why', 'guarded')).toContain('No request judged yet.');
    await apply('bare', { match: { model: 'n' }, canary: { target: 'sim/x' } });
    expect(await screen('why', 'bare')).toContain('Nothing is judged: no guard, watch or goal is declared.');
  });

  it('that waits at a pause point says for whom', async () => {
    const match = { model: 'chat-fast' };
    const steps = [{ weight: '10%', pause: true }, '100%'];
    await apply('careful', { match, canary: { target: 'sim/fast-v2' }, steps });
    const lines = await screen('status', 'careful');
    expect(lines[0]).toBe('careful  canary, paused, revision 1');
    expect(lines).toContain('steps    10 % (pause)  100 %');
    expect(await head('careful')).toEqual([
      'Held at 10 % on the canary; `resume` continues from there, `promote` goes to 100 %, `abort` goes',
      'back to 0 %.',
    ]);
  });

  it('that was promoted tells what is held back, how much and how long', async () => {
    const holdback = { weight: '2%', for: '24h' };
    await apply('held', { match: { model: 'chat-fast' }, canary: { target: 'sim/fast-v2' }, holdback });
    await run('promote', 'held', '--full');
    expect(await head('held')).toEqual([
      'Promoted; 2 % is held back on stable to compare with.',
      '`release-holdback` gives the canary the rest now, `abort` goes back.',
    ]);
    expect(await screen('status', 'held')).toContain('holdback 2 % on stable for 24 h');
  });

  it('names the range of its layer', async () => {
    const layer = { name: 'models', from: '0%', to: '50%' };
    await apply('layered', { match: { model: 'chat-fast' }, canary: { target: 'sim/fast-v2' }, layer });
    expect(await screen('status', 'layered')).toContain('layer    models, 0 % to 50 % of its units');
  });

  it('does not tell of the weight before', async () => {
    analysis = known({ summary: '5 % is on the canary.', at: NOW - 1, metrics: [GUARD] });
    expect(await head('fast-v2')).toEqual([
      '5 % of the matching traffic is on the canary; `promote` goes to 25 %, `abort` goes back to 0 %.',
    ]);
  });

  it('warns where nobody has judged for long', async () => {
    analysis = known({ metrics: [GUARD] });
    const { stdout } = await cli(['rollout', 'status', 'fast-v2', '--url', admin.url], { now: NOW + 150_000 });
    expect(stdout).toContain(
      '  Warning: nobody has judged for 2 min; the log and `/readyz` of the gateways tell why.\n',
    );
  });

  it('shows what decides first where more is judged than fits', async () => {
    const guards = Array.from({ length: 9 }, (_, index) => ({ ...GUARD, metric: `guard_${index}` }));
    analysis = known({ metrics: [...guards, { ...GUARD, metric: 'worse', state: 'crossed' }] });
    const lines = await screen('status', 'fast-v2');
    const first = lines.findIndex((line) => line.startsWith('METRIC')) + 1;
    expect(lines[first]).toMatch(/^worse /);
    expect(lines[first + 7]).toBe('and 3 more; --json has all');
  });
});

describe('the screen of an experiment', () => {
  it('tells its goal, and names the arms of each comparison', async () => {
    await apply('tone', {
      match: { model: 'chat-tone' },
      arms: { brief: { weight: 40 }, kind: { weight: 40 }, long: { weight: 20 } },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the declaration, never awaited
      goal: { feedback: 'up', better: 'higher', then: 'announce' },
    });
    const goal = (arm: string, change: Partial<MetricAnalysis>): MetricAnalysis => ({
      ...GUARD,
      role: 'goal',
      metric: 'up',
      margin: null,
      harmlessness: null,
      harmlessThreshold: null,
      unitsToGo: null,
      threshold: 120,
      counts: [
        { arm: 'brief', units: 400, events: 200 },
        { arm, units: 400, events: 260 },
      ],
      ...change,
    });
    analysis = known({
      rollout: 'tone',
      epoch: 2,
      summary: '100 % of the matching traffic takes part. 1000 values of "up" were sent; no arm is shown to be better.',
      next: 'It is decided when one arm is shown to be better than every other.',
      metrics: [goal('kind', { state: 'better', eValue: 400 }), goal('long', { eValue: 1.2 })],
    });
    expect(await screen('status', 'tone')).toEqual([
      'tone  experiment, healthy, revision 1',
      '  100 % of the matching traffic takes part. 1000 values of "up" were sent; no arm is shown to be',
      '  better.',
      '  It is decided when one arm is shown to be better than every other.',
      '',
      'goal     feedback "up", higher is better, then announce',
      'match    model chat-tone',
      'sticky   metadata.conversation, user; salt tone',
      'since    2026-01-31 12:00:00 UTC',
      '',
      'ARM    TARGET         WEIGHT',
      "brief  (route's own)    40 %  ################",
      "kind   (route's own)    40 %  ################",
      "long   (route's own)    20 %  ########",
      '',
      'METRIC  MARGIN  CHANGE                     AGAINST           ARM  EVIDENCE    STATE',
      'up           -  -2 % (-30 to +31 %)  brief 200/400  kind 260/400  400 of 120  better',
      'up           -  -2 % (-30 to +31 %)  brief 200/400  long 260/400  1.2 of 120  gathering',
      '',
      'TIME (UTC)           ACTION  WEIGHT  BY   REASON',
      '2026-01-31 12:00:00  apply    100 %  api',
    ]);
  });

  it('names the arm that took all', async () => {
    const arms = { a: { weight: 50 }, b: { weight: 50 } };
    await apply('pair', { match: { model: 'chat-fast' }, arms });
    await run('promote', 'pair', '--arm', 'b');
    expect(await head('pair')).toEqual(['All matching traffic is on the arm "b".']);
  });
});

describe('the screen of a shadow', () => {
  it('tells what is copied, for how much, and how it compares', async () => {
    const shadow = { target: 'sim/candidate', sample: '10%', budget: '20 USD/day' };
    await apply('try', { match: { model: 'chat-fast' }, shadow });
    const change: Partial<MetricAnalysis> = {
      role: 'shadow',
      metric: 'cost',
      effect: { estimate: 0.4, low: 0.31, high: 0.52 },
      counts: [
        { arm: 'primary', units: 812, events: null },
        { arm: 'shadow', units: 812, events: null },
      ],
      state: 'crossed',
      eValue: 9e5,
      threshold: 700,
    };
    analysis = known({
      rollout: 'try',
      epoch: 2,
      summary: '812 pairs were compared; of the shadow, cost is +40 % (at least +31 %).',
      metrics: [{ ...GUARD, ...change }],
    });
    const lines = await screen('status', 'try');
    expect(lines.join('\n')).not.toContain('ARM');
    expect(lines.slice(0, 6)).toEqual([
      'try  shadow, healthy, revision 1',
      '  812 pairs were compared; of the shadow, cost is +40 % (at least +31 %).',
      '',
      'shadow   sim/candidate, 10 % of the requests, at most 20 USD/day',
      'match    model chat-fast',
      'since    2026-01-31 12:00:00 UTC',
    ]);
    const differing = { samples: ['id-1', 'id-2', 'id-3'] };
    analysis = {
      ...analysis,
      metrics: [
        { ...GUARD, ...change, samples: ['id-9'] },
        { ...GUARD, ...change, ...differing, metric: 'finish_reason', state: 'gathering' },
      ],
    };
    const why = (await screen('why', 'try')).join('\n');
    expect(why).toContain('  requests   id-9\n  look up    `rollout pairs try` shows the latest side by side\n');
    expect(why).toContain(
      'COPIES DIFFER IN  REQUESTS\nfinish_reason     id-1\n                  id-2\n`rollout pairs try` shows',
    );
    budget = { usd: 20, spentUsd: 19.996, remainingUsd: 0.004, resetsAt: NOW + 3_600_000, isSpent: true };
    const spent = await screen('status', 'try');
    expect(spent.slice(1, 3).map((line) => line.trim())).toEqual([
      'The budget is spent until 2026-01-31 13:00 UTC: no copies are sent. 812 pairs were compared; of',
      'the shadow, cost is +40 % (at least +31 %).',
    ]);
    expect(spent).toContain('budget   20.00 USD until 2026-01-31 13:00:00 UTC: 20.00 spent, 0.004 left');
    expect(lines).toContain('METRIC  MARGIN  CHANGE                PRIMARY  SHADOW  EVIDENCE       STATE');
    expect(lines).toContain('cost     +25 %  +40 % (+31 to +52 %)      812     812  900000 of 700  crossed');
  });
});

describe('a change of which one bound is known', () => {
  it.each([
    [{ estimate: 8.12, low: 1.4, high: null }, '+812 % (at least +140 %)'],
    [{ estimate: 0.1, low: -0.2, high: null }, '+10 % (-20 % or more)'],
    [{ estimate: -0.646, low: -0.915, high: null }, '-64.6 % (-91.5 % or more)'],
    [{ estimate: -0.646, low: null, high: -0.1 }, '-64.6 % (at most -10 %)'],
    [{ estimate: null, low: -0.915, high: null }, '-91.5 % or more'],
  ])('is told with what it means: %j', (effect, text) => {
    expect(effectText({ effect })).toBe(text);
  });
});

describe('every screen', () => {
  it.each([
    ['set-weight', '37'],
    ['pause', ''],
    ['promote', '--full'],
    ['abort', ''],
  ])('after %s fits 24 lines of 100 characters', async (verb, option) => {
    await run(verb, 'fast-v2', ...(option === '' ? [] : [option]));
    const lines = await screen('status', 'fast-v2');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('status -w', () => {
  const watch = (input: CliInput, ...rest: string[]) =>
    cli(['rollout', 'status', 'fast-v2', '-w', '--url', admin.url, ...rest], input);

  it('redraws a terminal in place, and ends with the rollout', async () => {
    const { status, stdout } = await watch({
      isTTY: true,
      onOutput: () => void run('abort', 'fast-v2').catch(() => undefined),
    });
    expect(status).toBe(1);
    const screens = stdout.split('\x1b[H\x1b[2J').slice(1);
    expect(screens.length).toBeGreaterThanOrEqual(2);
    expect(screens[0]).toContain('canary, progressing');
    expect(screens.at(-1)).toContain('canary, degraded');
  });

  it('never makes a terminal scroll', async () => {
    const guards = Array.from({ length: 9 }, (_, index) => ({ ...GUARD, metric: `a_guard_with_a_long_name_${index}` }));
    analysis = known({ metrics: guards, warnings: ['srm', 'no_traffic', 'feedback_share'] });
    await run('promote', 'fast-v2', '--full');
    const { status, stdout } = await watch({ isTTY: true });
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines).toHaveLength(24);
    expect(Math.max(...lines.map((line) => line.replace('\x1b[H\x1b[2J', '').length))).toBeLessThanOrEqual(100);
  });

  it.each([true, false])('gives up when its time is up, on a terminal: %s', async (isTTY) => {
    const { status, stderr } = await watch({ isTTY }, '--timeout', '1ms');
    expect([status, stderr]).toEqual([1, 'The time is up, and "fast-v2" is not done.\n']);
  });

  it('stays with an experiment until it has a winner', async () => {
    await apply('pair', { match: { model: 'chat-fast' }, arms: { a: { weight: 50 }, b: { weight: 50 } } });
    const { status, stdout } = await cli([
      'rollout',
      'status',
      'pair',
      '-w',
      '--json',
      '--url',
      admin.url,
      '--timeout',
      '1ms',
    ]);
    expect([status, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'timed_out' } }]);
    await run('promote', 'pair', '--arm', 'b');
    expect(await run('status', 'pair', '-w')).toMatchObject({ status: 0 });
  });

  it.each(['0s', 'soon', '10', '1000h'])('takes no --timeout %s', async (timeout) => {
    expect(await watch({}, '--timeout', timeout)).toMatchObject({ status: 2 });
  });
});

describe('--json', () => {
  it('of status has the rollout, and what is known of it', async () => {
    analysis = known({ metrics: [GUARD] });
    const { stdout } = await run('status', 'fast-v2', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'fast-v2', weight: 5, analysis: { requests: 10_000 } });
  });
});
