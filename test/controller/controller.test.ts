import { describe, expect, it } from 'vitest';
import { AnalysisBoard } from '../../src/controller/analysis-board.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import { BAD, Bench, CANARY, SAME } from './support.ts';

describe('a canary that does harm', () => {
  it('is rolled back once, and the history says by how much and on what evidence', async () => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
    await bench.send(100, BAD);
    await controller.round();
    const events = await bench.history();
    expect(events).toMatchObject([
      {
        action: 'abort',
        actor: 'controller',
        weight: 0,
        detail: { reason: 'guard', metric: { metric: 'error_rate' } },
      },
    ]);
    expect(events[0]!.reason).toMatch(/^error_rate is \+\d+ % \(at least \+\d+ %\), margin \+25 %, e-value \S+ of 111/);
    expect(bench.decisions).toEqual(['a: next rollback guard']);
  });

  it('is rolled back also while somebody holds its weight by hand', async () => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await bench.registry.execute('next', { verb: 'set-weight', weight: 40 }, { actor: 'api' });
    await controller.round();
    await bench.send(500, BAD);
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
  });

  it('is told of with sample requests of the canary that failed', async () => {
    const bench = await Bench.open();
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    const analysis = board.analysis('next')!;
    expect(analysis).toMatchObject({ decision: 'rollback', reason: 'guard', requests: 400 });
    const [guard] = analysis.metrics;
    expect(guard).toMatchObject({ metric: 'error_rate', state: 'crossed', margin: 1.25 });
    expect(guard!.samples).toHaveLength(5);
    expect(analysis.summary).toContain('Rolled back: error_rate is');
  });

  it('that is started again begins without the evidence of before', async () => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    await bench.registry.execute('next', { verb: 'retry' }, { actor: 'api' });
    await controller.round();
    await bench.send(300, SAME);
    await controller.round();
    expect(bench.registry.get('next').state).toMatchObject({ epoch: 2, desired: 'canary' });
    expect(bench.state()).not.toBe('degraded 0');
  });
});

describe('a canary that does no harm', () => {
  it('is shown harmless, goes to the next step and is done', async () => {
    const bench = await Bench.open({ ...CANARY, guard: { error_rate: '+300%' } });
    const controller = bench.controller();
    await controller.round();
    for (let turn = 0; turn < 40 && !bench.state().startsWith('healthy'); turn++) {
      await bench.send(60, SAME);
      await controller.round();
    }
    expect(bench.state()).toBe('healthy 100');
    const events = await bench.history();
    expect(events.map(({ action, weight, actor }) => `${actor} ${action} ${weight}`)).toEqual([
      'controller promote 100',
      'controller promote 100',
    ]);
    expect(events[0]!.detail).toMatchObject({ decision: 'advance' });
  });

  it('stays at its weight while it is paused', async () => {
    const bench = await Bench.open({ ...CANARY, guard: { error_rate: '+300%' } });
    const controller = bench.controller();
    await bench.registry.execute('next', { verb: 'pause' }, { actor: 'api' });
    for (let turn = 0; turn < 10; turn++) {
      await bench.send(100, SAME);
      await controller.round();
    }
    expect(bench.state()).toBe('paused 50');
  });

  it('is paused where the time of the step is up without an answer and that is declared', async () => {
    const step = { min: '1s', max: '20s', inconclusive: 'pause' };
    const bench = await Bench.open({ ...CANARY, step, guard: { error_rate: '+1%' } });
    const controller = bench.controller();
    await controller.round();
    await bench.send(250, SAME);
    await controller.round();
    expect(bench.state()).toBe('paused 50');
    expect(await bench.history()).toMatchObject([{ action: 'pause', detail: { reason: 'inconclusive' } }]);
  });

  it('is not said to do harm where only the time was up', async () => {
    const step = { min: '1s', max: '20s', inconclusive: 'pause' };
    const bench = await Bench.open({ ...CANARY, step });
    const controller = bench.controller();
    await controller.round();
    await bench.send(250, { stable: 0, canary: 0 });
    await controller.round();
    expect(await bench.history()).toMatchObject([
      { action: 'pause', reason: "The step's time is up without a clear answer." },
    ]);
  });

  it('holds back its share after the promotion and releases it in time', async () => {
    const bench = await Bench.open({ ...CANARY, steps: ['50%', '100%'], holdback: { weight: '2%', for: '1h' } });
    const controller = bench.controller();
    await bench.registry.execute('next', { verb: 'promote', full: true }, { actor: 'api' });
    expect(bench.state()).toBe('healthy 98');
    await controller.round();
    expect(bench.state()).toBe('healthy 98');
    bench.clock.elapsed += 3_600_000;
    await controller.round();
    expect(bench.state()).toBe('healthy 100');
  });

  it('without guards and step times is left to people', async () => {
    const { guard: _, step: __, ...manual } = CANARY;
    const bench = await Bench.open(manual as JsonValue);
    const controller = bench.controller();
    await controller.round();
    await bench.send(900, SAME);
    await controller.round();
    expect(bench.state()).toBe('progressing 50');
  });
});

describe('a canary without any traffic', () => {
  it.each(['advance', 'rollback', 'pause'])(
    'is held when its time is up, whatever is declared: %s',
    async (inconclusive) => {
      const bench = await Bench.open({ ...CANARY, step: { min: '1s', max: '3s', inconclusive } });
      const controller = bench.controller();
      await controller.round();
      bench.clock.elapsed += 4_000;
      await controller.round();
      expect(bench.state()).toBe('progressing 50');
      expect(await bench.history()).toMatchObject([
        { action: 'hold', reason: 'No requests come.', detail: { reason: 'no_traffic' } },
      ]);
    },
  );

  it('has no time until it goes on', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '1s', max: '10s', inconclusive: 'advance' } });
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    expect(board.analysis('next')).toMatchObject({ reason: 'gathering', minutesToGo: 10 / 60 });
    bench.clock.elapsed += 20_000;
    await controller.round();
    expect(board.analysis('next')).toMatchObject({ decision: 'hold', reason: 'no_traffic', minutesToGo: null });
  });

  it('is named where the other arm has traffic', async () => {
    const bench = await Bench.open({ ...CANARY, on: { srm: 'warn' } });
    const controller = bench.controller();
    await controller.round();
    await bench.send(100, SAME, 1);
    const { batch } = (await bench.stores.evidence.batchesAfter(0, 1))[0]!;
    const entries = (JSON.parse(batch) as object[]).map((entry) => ({ ...entry, unit: null, arm: 0 }));
    await bench.stores.evidence.append(JSON.stringify(entries));
    await controller.round();
    const [event] = await bench.history();
    expect(event).toMatchObject({ action: 'hold', reason: 'The arm "canary" gets no traffic.' });
  });
});

describe('a rollback without a guard', () => {
  it('says what decided it, and not what the numbers of a guard are', async () => {
    const bench = await Bench.open({
      ...CANARY,
      guard: { error_rate: '+1%' },
      step: { min: '1s', max: '20s', inconclusive: 'rollback' },
    });
    const controller = bench.controller();
    await controller.round();
    await bench.send(250, SAME);
    await controller.round();
    expect((await bench.history()).map(({ reason }) => reason)).toEqual([
      "The step's time is up without a clear answer.",
    ]);
  });
});

describe('the time until a decision', () => {
  it('is told from the traffic of now and what is missing', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '10s', max: '24h', inconclusive: 'pause' } });
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    await bench.send(400, SAME);
    await controller.round();
    const analysis = board.analysis('next')!;
    expect(analysis.requestRate).toBeCloseTo(10, 0);
    expect(analysis.minutesToGo).toBeGreaterThan(1);
    expect(analysis.next).toMatch(
      /^It goes to 100 % when error_rate is shown to be harmless: about \d+ (min|h) at 10 requests a second\.$/,
    );
  });

  it('is reckoned from new users where users come back', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '10s' } });
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    await bench.send(600, SAME, 300);
    await controller.round();
    const { next, requestRate, unitRate } = board.analysis('next')!;
    expect(requestRate).toBeCloseTo(10, 0);
    expect(unitRate).toBeCloseTo(5, 0);
    expect(next).toMatch(/: about \d+ (min|h) at 5 new users a second\.$/);
  });

  it.each([
    [{ min: '10s' }, ', but no new users come: only `promote` or `step.max` ends it.', null],
    [
      { min: '10s', max: '1h', inconclusive: 'pause' },
      'when the time of the step is up: about 52 min. Nothing more can be shown: no new users come.',
      'a number',
    ],
  ])('does not end by itself where no new users come: %j', async (step, next, minutes) => {
    const bench = await Bench.open({ ...CANARY, step });
    const board = new AnalysisBoard();
    const first = bench.controller('a', board);
    await first.round();
    await bench.send(600, SAME, 300);
    await first.round();
    await first.close();
    const second = bench.controller('b', board);
    await bench.send(4_000, SAME, 300);
    await second.round();
    const analysis = board.analysis('next')!;
    expect(analysis).toMatchObject({ reason: 'gathering', unitRate: 0 });
    expect(analysis.requestRate).toBeCloseTo(10, 0);
    expect(analysis.next!.endsWith(next)).toBe(true);
    expect(analysis.minutesToGo === null).toBe(minutes === null);
  });

  it.each([
    [{ min: '10s' }, 'It goes to 100 % when error_rate is shown to be harmless; no request was judged yet.'],
    [{ min: '10s', max: '1h', inconclusive: 'pause' }, 'about 60 min. No request was judged yet.'],
  ])('is not known to be never where nothing was judged yet: %j', async (step, next) => {
    const bench = await Bench.open({ ...CANARY, step });
    const board = new AnalysisBoard();
    await bench.controller('a', board).round();
    expect(board.analysis('next')!.next).toContain(next);
  });

  it.each([
    [{ min: '10s' }, 'It goes to 100 % when error_rate is shown to be harmless, which cannot be shown: '],
    [
      { min: '10s', max: '1h', inconclusive: 'pause' },
      'It pauses, unless every guard is shown to be harmless before, when the time of the step is up: about 59 min. ' +
        'That error_rate is harmless cannot be shown: ',
    ],
  ])('cannot be told where neither arm has errors: %j', async (step, next) => {
    const bench = await Bench.open({ ...CANARY, step });
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    await bench.send(600, { stable: 0, canary: 0 });
    await controller.round();
    const analysis = board.analysis('next')!;
    expect(analysis.metrics[0]).toMatchObject({ metric: 'error_rate', state: 'gathering', unitsToGo: null });
    expect(analysis.next).toBe(`${next}no errors on either arm.`);
  });
});

describe('callers who do not wait for an answer', () => {
  it('are told of for each arm, also after a restart, and not after a new start', async () => {
    const bench = await Bench.open();
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    const canary = { rollout: 'next', epoch: bench.registry.get('next').state.epoch, arm: 1 };
    const trial = {
      ...canary,
      kind: 'trial',
      unit: null,
      probability: 0.5,
      requestId: 'r',
      at: bench.clock.wall() / 1000,
    };
    const answered = Array.from({ length: 6 }, () => ({ ...trial, error: false }));
    const late = { ...trial, latencyMs: 900 };
    const gone = { ...canary, kind: 'left', at: trial.at, isLate: false };
    const left = Array.from({ length: 3 }, () => gone);
    const { at: _, ...ofEarlierSoftware } = gone;
    await bench.stores.evidence.append(
      JSON.stringify([...answered, late, ...left, { ...gone, isLate: true }, ofEarlierSoftware]),
    );
    bench.clock.elapsed += 1_000;
    await controller.round();
    expect(board.analysis('next')!.warnings).toEqual([]);
    await bench.stores.evidence.append(JSON.stringify([gone]));
    bench.clock.elapsed += 1_000;
    await controller.round();
    const warning =
      'canary: 45 % of its requests were left by their callers before an answer: only guards of ttft_p95 and latency_p95 can see what that says';
    expect(board.analysis('next')!.warnings).toEqual([warning]);
    await controller.close();
    const other = new AnalysisBoard();
    const next = bench.controller('b', other);
    await next.round();
    expect(other.analysis('next')!.warnings).toEqual([warning]);
    await bench.execute('abort');
    await bench.execute('retry');
    bench.clock.elapsed += 1_000;
    await next.round();
    expect(other.analysis('next')!.warnings).toEqual([]);
  });

  it('are told of as long as it was so in the last five minutes', async () => {
    const bench = await Bench.open();
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    const { epoch } = bench.registry.get('next').state;
    const gone = { kind: 'left', at: bench.clock.wall() / 1000, rollout: 'next', epoch, arm: 1, isLate: false };
    await bench.stores.evidence.append(JSON.stringify(Array.from({ length: 5 }, () => gone)));
    for (const [later, warnings] of [
      [2_000, 1],
      [280_000, 1],
      [40_000, 0],
    ] as const) {
      bench.clock.elapsed += later;
      await controller.round();
      expect(board.analysis('next')!.warnings).toHaveLength(warnings);
    }
  });

  it('are begun anew where earlier software counted them otherwise, and the rest is judged on', async () => {
    const bench = await Bench.open();
    const first = bench.controller('a');
    await first.round();
    await bench.send(20, SAME);
    await first.round();
    await first.close();
    const { upTo, evidence } = await bench.stores.evidence.load();
    const older = evidence.map(({ subject, snapshot }) => {
      const state = { ...JSON.parse(snapshot), left: [null, { requests: 9, left: 9 }] };
      return { subject, snapshot: JSON.stringify(state) };
    });
    const lease = await bench.stores.leases.acquire('controller', 'test', 1_000);
    await bench.stores.evidence.save(older, [], upTo, lease!);
    await bench.stores.leases.release(lease!);
    const board = new AnalysisBoard();
    await bench.controller('b', board).round();
    expect(board.analysis('next')!).toMatchObject({ requests: 20, warnings: [] });
    expect(bench.unreadable).toEqual([]);
  });
});

describe('gates', () => {
  it('that say no keep the rollout where it is until they say yes', async () => {
    const bench = await Bench.open();
    bench.veto = { by: 'qa', because: 'status 409' };
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    await bench.send(700, SAME);
    await controller.round();
    bench.clock.elapsed += 1_000;
    await controller.round();
    expect(bench.state()).toBe('progressing 50');
    expect(board.analysis('next')).toMatchObject({ decision: 'hold', reason: 'gate' });
    expect(board.analysis('next')!.summary).toBe('Waits at 50 %: the gate "qa" says no (status 409).');
    await controller.round();
    expect(bench.asked).toHaveLength(1);
    bench.veto = null;
    bench.clock.elapsed += 15_000;
    await controller.round();
    await controller.round();
    expect(bench.state()).toBe('progressing 100');
  });

  it('that take long keep nothing else from being judged', async () => {
    const bench = await Bench.open();
    bench.answer = new Promise(() => {});
    const controller = bench.controller();
    await controller.round();
    await bench.send(700, SAME);
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
  });

  it('that confirm promotions are asked before all traffic moves, and not again after', async () => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await controller.round();
    await bench.send(700, SAME);
    for (let round = 0; round < 4; round++) await controller.round();
    expect(bench.state()).toBe('progressing 100');
    await bench.send(200, SAME);
    for (let round = 0; round < 3; round++) await controller.round();
    expect(bench.state()).toBe('healthy 100');
    expect(bench.asked).toEqual(['confirm-promotion']);
  });

  it('that confirm promotions are asked before a holdback begins', async () => {
    const bench = await Bench.open({ ...CANARY, holdback: { weight: '2%', for: '1h' } });
    bench.veto = { by: 'qa', because: 'status 403' };
    const controller = bench.controller();
    await controller.round();
    await bench.send(700, SAME);
    for (let round = 0; round < 3; round++) await controller.round();
    expect([bench.state(), bench.asked]).toEqual(['progressing 50', ['confirm-promotion']]);
  });

  it('can ask for a rollback that the evidence does not ask for', async () => {
    const bench = await Bench.open();
    bench.wish = { by: 'smoke', because: 'status 200' };
    const controller = bench.controller();
    await controller.round();
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
    expect(await bench.history()).toMatchObject([{ reason: 'the gate "smoke" asked for it: status 200' }]);
    expect(bench.decisions).toEqual(['a: next rollback gate']);
  });

  it.each([
    ['other steps', async (bench: Bench) => void (await bench.apply({ ...CANARY, steps: ['50%', '80%', '100%'] }))],
    ['other gates', async (bench: Bench) => void (bench.keepers = ['qa', 'legal'])],
  ])('that agreed to one change are asked again where %s came meanwhile', async (_, change) => {
    const bench = await Bench.open({ ...CANARY, steps: ['50%', '70%', '100%'] });
    const answer = Promise.withResolvers<void>();
    bench.answer = answer.promise;
    const controller = bench.controller();
    await controller.round();
    await bench.send(700, SAME);
    await controller.round();
    expect(bench.asked).toEqual(['confirm-advance']);
    await change(bench);
    bench.answer = new Promise(() => {});
    answer.resolve();
    for (let round = 0; round < 4; round++) await controller.round();
    expect([bench.state(), bench.asked.length]).toEqual(['progressing 50', 2]);
  });

  it('that agreed to a step are asked about the promotion that took its place', async () => {
    const bench = await Bench.open({ ...CANARY, steps: ['50%', '70%', '100%'] });
    const controller = bench.controller();
    await controller.round();
    await bench.send(700, SAME);
    await controller.round();
    await bench.apply({ ...CANARY, steps: ['50%', '100%'] });
    bench.veto = { by: 'qa', because: 'status 403' };
    for (let round = 0; round < 4; round++) await controller.round();
    expect([bench.state(), bench.asked]).toEqual(['progressing 50', ['confirm-advance', 'confirm-promotion']]);
  });

  it.each([
    ['another gate says no', async (bench: Bench) => void (bench.veto = { by: 'qa', because: 'status 409' })],
    ['another gate does not answer', async (bench: Bench) => void (bench.answer = new Promise(() => {}))],
    ['it is paused', async (bench: Bench) => void (await bench.execute('pause'))],
  ])('can ask for a rollback also while %s', async (_, hold) => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await hold(bench);
    await controller.round();
    await bench.send(700, SAME);
    for (let round = 0; round < 3; round++) await controller.round();
    bench.clock.elapsed += 15_000;
    bench.wish = { by: 'smoke', because: 'status 200' };
    for (let round = 0; round < 3; round++) await controller.round();
    expect(bench.state()).toBe('degraded 0');
  });

  it('can ask for a rollback also in the holdback, and not once all is done', async () => {
    const bench = await Bench.open({ ...CANARY, holdback: { weight: '2%', for: '1h' } });
    await bench.execute('promote');
    const controller = bench.controller();
    await controller.round();
    expect([bench.state(), bench.wishes]).toEqual(['healthy 98', 1]);
    bench.clock.elapsed += 3_600_000;
    for (let round = 0; round < 3; round++) await controller.round();
    expect([bench.state(), bench.wishes]).toEqual(['healthy 100', 2]);
  });

  it('that asked for a rollback did so for that start, not for the next', async () => {
    const bench = await Bench.open();
    const answer = Promise.withResolvers<void>();
    bench.wish = { by: 'smoke', because: 'status 200' };
    bench.wishAnswer = answer.promise;
    const controller = bench.controller();
    await controller.round();
    await bench.execute('abort');
    await bench.execute('retry');
    await controller.round();
    bench.wish = null;
    bench.wishAnswer = Promise.resolve();
    answer.resolve();
    for (let round = 0; round < 3; round++) await controller.round();
    expect([bench.state(), bench.wishes]).toEqual(['progressing 50', 2]);
  });
});

describe('what was stored and makes no sense', () => {
  it('is left out, told of, and keeps nothing else from being judged', async () => {
    const bench = await Bench.open();
    await bench.stores.evidence.append('not JSON');
    const { epoch } = bench.registry.get('next').state;
    await bench.stores.evidence.append(JSON.stringify([null, { kind: 'trial', rollout: 'next', epoch, arm: 7 }]));
    const controller = bench.controller();
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
    expect(bench.unreadable).toContain('a batch of outcomes');
    expect(bench.unreadable).toContain('an outcome');
  });

  it('is begun anew where it is the evidence itself', async () => {
    const bench = await Bench.open();
    const lease = (await bench.stores.leases.acquire('controller', 'a', 60_000))!;
    await bench.stores.evidence.save(
      [{ subject: 'rollout:next', snapshot: '{"epoch":1,"evidence":{}}' }],
      [],
      0,
      lease,
    );
    const controller = bench.controller();
    await controller.round();
    await bench.send(400, BAD);
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
  });
});

describe('two controllers on one store', () => {
  it('never act twice: one leads, the other only reads what it tells', async () => {
    const bench = await Bench.open();
    const board = new AnalysisBoard();
    const [one, two] = [bench.controller('a'), bench.controller('b', board)];
    await one.round();
    await bench.send(400, BAD);
    await Promise.all([one.round(), two.round()]);
    await two.round();
    expect([one.isLeader, two.isLeader]).toEqual([true, false]);
    expect((await bench.history()).map(({ action }) => action)).toEqual(['abort']);
    expect(board.analysis('next')).toMatchObject({ decision: 'rollback' });
  });

  it('take over from one another with all of the evidence, also after a kill', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '1h' } });
    const one = bench.controller('a');
    await one.round();
    await bench.send(100, SAME);
    await one.round();
    bench.clock.elapsed += 61_000;
    await one.round(); // saves
    await bench.send(100, SAME);
    await one.round(); // read, and lost with the process
    const board = new AnalysisBoard();
    const two = bench.controller('b', board);
    await two.round();
    expect(two.isLeader).toBe(false);
    bench.clock.elapsed += 6_000;
    await two.round();
    expect(two.isLeader).toBe(true);
    expect(board.analysis('next')).toMatchObject({ requests: 200 });
    await one.round();
    expect(one.isLeader).toBe(false);
  });

  it('hand over at once where one closes, and count every request once', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '1h' } });
    const one = bench.controller('a');
    await one.round();
    await bench.send(150, SAME);
    await one.round();
    await one.close();
    const board = new AnalysisBoard();
    const two = bench.controller('b', board);
    await two.round();
    await bench.send(50, SAME);
    bench.clock.elapsed += 1_000;
    await two.round();
    expect(board.analysis('next')).toMatchObject({ requests: 200 });
  });

  it('do nothing where somebody changed the rollout since it was judged', async () => {
    const bench = await Bench.open();
    const controller = bench.controller();
    await controller.round();
    await bench.send(400, BAD);
    const execute = bench.registry.execute.bind(bench.registry);
    bench.registry.execute = async (name, command, options) => {
      bench.registry.execute = execute;
      await execute(name, { verb: 'set-weight', weight: 1 }, { actor: 'api' });
      return execute(name, command, options);
    };
    await controller.round();
    expect(bench.state()).toBe('paused 1');
    await controller.round();
    expect(bench.state()).toBe('degraded 0');
  });
});

describe('a request that was told of while it was open', () => {
  const late = { kind: 'trial', rollout: 'next', unit: null, probability: 0.5, requestId: 'r', arm: 1 } as const;

  it('counts once, and its error at the end counts too', async () => {
    const bench = await Bench.open();
    const board = new AnalysisBoard();
    const controller = bench.controller('a', board);
    await controller.round();
    const { epoch } = bench.registry.get('next').state;
    const at = bench.clock.wall() / 1000;
    const told = { ...late, epoch, at };
    await bench.stores.evidence.append(
      JSON.stringify([
        { ...told, latencyMs: 900 },
        { ...told, error: true, isRest: true },
      ]),
    );
    bench.clock.elapsed += 2_000;
    await controller.round();
    const { requests, units, metrics } = board.analysis('next')!;
    expect([requests, units[1]]).toEqual([1, { arm: 'canary', units: 1 }]);
    expect(metrics[0]!.counts[1]).toMatchObject({ units: 1, events: 1 });
  });
});

describe('a store that fails once', () => {
  it('loses no finding: it is noted when the store is back', async () => {
    const bench = await Bench.open({ ...CANARY, step: { min: '10s', max: '20s', inconclusive: 'pause' }, guard: {} });
    const controller = bench.controller();
    await controller.round();
    const { note } = bench.stores.rollouts;
    bench.stores.rollouts.note = () => Promise.reject(new Error('locked'));
    bench.clock.elapsed += 3_600_000;
    await expect(controller.round()).rejects.toThrow('locked');
    bench.stores.rollouts.note = note;
    await controller.round();
    await controller.round();
    expect((await bench.history()).filter(({ action }) => action === 'hold')).toHaveLength(1);
  });

  it('says for how long nobody leads as far as it knows', async () => {
    const bench = await Bench.open();
    const [leader, other] = [bench.controller('a'), bench.controller('b')];
    await leader.round();
    bench.clock.elapsed += 2_000;
    await other.round();
    bench.clock.elapsed += 15_000;
    expect(other.leaderlessFor).toBeNull();
    const { acquire } = bench.stores.leases;
    bench.stores.leases.acquire = () => Promise.reject(new Error('database or disk is full'));
    await expect(other.round()).rejects.toThrow('full');
    bench.clock.elapsed += 1;
    expect(other.leaderlessFor).toBe(15_001);
    bench.stores.leases.acquire = acquire;
    await other.round();
    expect([other.leaderlessFor, other.isLeader]).toEqual([null, true]);
  });

  it('saves over no evidence that could not be read at the takeover', async () => {
    const bench = await Bench.open();
    const first = bench.controller('a');
    await first.round();
    await bench.send(100, SAME);
    await first.round();
    await first.close();
    const { load } = bench.stores.evidence;
    bench.stores.evidence.load = () => Promise.reject(new Error('locked'));
    const board = new AnalysisBoard();
    const second = bench.controller('b', board);
    await expect(second.round()).rejects.toThrow('locked');
    expect(second.isLeader).toBe(false);
    await second.close();
    bench.stores.evidence.load = load;
    await second.round();
    expect(board.analysis('next')!.requests).toBe(100);
  });
});
