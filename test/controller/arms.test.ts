import { describe, expect, it } from 'vitest';
import { AnalysisBoard } from '../../src/controller/analysis-board.ts';
import type { LogEntry } from '../../src/core/outcome.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import { Bench, CANARY } from './support.ts';

const EXPERIMENT = { name: 'next', match: { model: 'm' }, arms: { a: { weight: 50 }, b: { weight: 50 } } };

/** Requests of both arms in turn. @param fallbacks of the second arm's requests, the first so many */
function entries(epoch: number, count: number, fallbacks: number): readonly LogEntry[] {
  return Array.from({ length: 2 * count }, (_, index) => {
    const isFallback = index % 2 === 1 && index < 2 * fallbacks;
    return {
      kind: 'trial',
      rollout: 'next',
      epoch,
      arm: index % 2,
      unit: null,
      probability: 0.5,
      requestId: `request-${index}`,
      at: Date.UTC(2026, 0, 1) / 1000 + index / 10,
      error: false,
      ...(isFallback ? { fallback: 'sim/fast-v0' } : {}),
    };
  });
}

async function open(declared: JsonValue) {
  const bench = await Bench.open(declared);
  const board = new AnalysisBoard();
  const send = async (count: number, fallbacks: number) => {
    bench.clock.elapsed += 2_000;
    const { epoch } = bench.registry.get('next').state;
    await bench.stores.evidence.append(JSON.stringify(entries(epoch, count, fallbacks)));
  };
  return { bench, board, send };
}

describe('an experiment that has its winner', () => {
  it('is not held because all requests are for that arm', async () => {
    const { bench } = await open(EXPERIMENT);
    const controller = bench.controller();
    await controller.round();
    await bench.registry.execute('next', { verb: 'promote', full: false, arm: 'b' }, { actor: 'api' });
    const { epoch } = bench.registry.get('next').state;
    const ofWinner = entries(epoch, 100, 0).map((entry) => ({ ...entry, arm: 1 }));
    await bench.stores.evidence.append(JSON.stringify(ofWinner));
    bench.clock.elapsed += 2_000;
    await controller.round();
    expect((await bench.history()).map(({ action }) => action)).toEqual(['promote']);
  });
});

describe('an experiment that was decided', () => {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the declaration, never awaited
  const goal = { feedback: 'up', better: 'higher', then: 'announce' };

  /** The first `liked` of each ten values of an arm are 1. */
  const feedback = (trials: readonly LogEntry[], liked: readonly [number, number]): readonly LogEntry[] =>
    trials.map((trial, index) => {
      if (trial.kind !== 'trial') throw new Error('no trial');
      const value = Math.floor(index / 2) % 10 < liked[trial.arm]! ? 1 : 0;
      const { requestId, at, rollout, epoch, arm, unit } = trial;
      return { kind: 'feedback', requestId, at, name: 'up', value, key: '', trials: [{ rollout, epoch, arm, unit }] };
    });

  it('stays so, with the evidence that decided it, whatever is sent later', async () => {
    const { bench, board } = await open({ ...EXPERIMENT, goal });
    const controller = bench.controller('a', board);
    await controller.round();
    const trials = entries(bench.registry.get('next').state.epoch, 400, 0);
    const sent = [...feedback(trials.slice(0, 200), [2, 8]), ...feedback(trials.slice(200), [10, 0])];
    for (const batch of [trials, sent.slice(0, 200), sent.slice(200)]) {
      bench.clock.elapsed += 2_000;
      await bench.stores.evidence.append(JSON.stringify(batch));
      await controller.round();
    }
    const [event] = await bench.history();
    const evidence = /^Arm "b" is better: up is .* e-value (\S+) of 40 needed\.$/.exec(event!.reason)!;
    expect(Number(evidence[1])).toBeGreaterThanOrEqual(40);
    const [metric] = board.analysis('next')!.metrics;
    expect(metric).toMatchObject({ role: 'goal', state: 'better' });
    expect(Number(metric!.eValue.toPrecision(3))).toBe(Number(evidence[1]));
    expect(metric!.counts[0].units).toBe(400);
  });
});

describe('an experiment that was decided and promoted', () => {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the declaration, never awaited
  const goal = { feedback: 'up', better: 'higher', then: 'promote' };
  const guard = { error_rate: '+25%' };

  /** A value for each request; which ones are 1 is up to `likes`. */
  const feedback = (trials: readonly LogEntry[], likes: (arm: number, index: number) => boolean): readonly LogEntry[] =>
    trials.map((trial, index) => {
      if (trial.kind !== 'trial') throw new Error('no trial');
      const { requestId, at, rollout, epoch, arm, unit } = trial;
      const value = likes(arm, Math.floor(index / 2) % 10) ? 1 : 0;
      return { kind: 'feedback', requestId, at, name: 'up', value, key: '', trials: [{ rollout, epoch, arm, unit }] };
    });

  it('stays as it was decided while all requests are for the winner, and its traffic is still told', async () => {
    const { bench, board } = await open({ ...EXPERIMENT, goal, guard });
    const controller = bench.controller('a', board);
    const round = async (batch: readonly LogEntry[]) => {
      bench.clock.elapsed += 2_000;
      await bench.stores.evidence.append(JSON.stringify(batch));
      await controller.round();
    };
    await controller.round();
    const { epoch } = bench.registry.get('next').state;
    const trials = entries(epoch, 100, 0);
    await round(trials);
    await round(feedback(trials, (arm, index) => index < [2, 8][arm]!));
    await round([]);
    expect(bench.registry.get('next').state.winner).toBe('b');
    const decided = board.analysis('next')!;
    expect(decided).toMatchObject({ decision: 'promote', requests: 200, warnings: [] });
    const ofWinner = entries(epoch, 200, 0).map((entry, index) => ({
      ...entry,
      arm: 1,
      requestId: `later-${index}`,
      at: bench.clock.wall() / 1000,
    }));
    await round(ofWinner);
    await round(feedback(ofWinner as LogEntry[], () => false));
    bench.clock.elapsed += 240_000;
    await controller.round();
    const later = board.analysis('next')!;
    for (const field of ['decision', 'reason', 'metrics', 'warnings', 'units', 'requests'] as const)
      expect(later[field]).toEqual(decided[field]);
    expect(later.requestRate).toBeGreaterThan(0);
    bench.clock.elapsed += 900_000;
    await controller.round();
    expect(board.analysis('next')!).toMatchObject({ decision: 'promote', reason: 'goal' });
  });
});

describe('an arm whose requests are served by a fallback', () => {
  it.each([
    ['canary', CANARY],
    ['b', EXPERIMENT],
  ])('is told of as that (%s), also after a restart', async (arm, declared) => {
    const { bench, board, send } = await open(declared);
    const first = bench.controller('a', board);
    await first.round();
    await send(50, 49);
    await first.round();
    const warning = (share: number) =>
      `${arm}: ${share} % of its requests were served by a fallback (sim/fast-v0): what you see is the fallback's quality`;
    expect(board.analysis('next')!.warnings).toEqual([warning(98)]);
    await first.close();
    const second = bench.controller('b', board);
    await send(50, 0);
    await second.round();
    expect(board.analysis('next')!).toMatchObject({ requests: 200, warnings: [warning(49)] });
  });

  it.each([
    [100, 5, 1],
    [101, 5, 0],
    [4, 4, 0],
  ])('with %i requests, %i of them by a fallback, brings %i warnings', async (count, fallbacks, warnings) => {
    const { bench, board, send } = await open(CANARY);
    const controller = bench.controller('a', board);
    await controller.round();
    await send(count, fallbacks);
    await controller.round();
    expect(board.analysis('next')!.warnings).toHaveLength(warnings);
  });

  it('is told of as long as it was so in the last five minutes', async () => {
    const { bench, board, send } = await open(CANARY);
    const controller = bench.controller('a', board);
    await controller.round();
    await send(50, 50);
    await controller.round();
    expect(board.analysis('next')!.warnings).toHaveLength(1);
    bench.clock.elapsed += 280_000;
    await controller.round();
    expect(board.analysis('next')!.warnings).toHaveLength(1);
    bench.clock.elapsed += 40_000;
    await controller.round();
    expect(board.analysis('next')!.warnings).toEqual([]);
  });

  const ever = { requests: 50, fallbacks: 50, target: 'sim/fast-v0' };
  it.each([
    ['did not count', undefined],
    ['counted since ever', [ever, ever]],
    ['counted on in what it could not read', [{ ...ever, requests: null }, null]],
    ['counted otherwise', 7],
  ])('is not known from evidence of software that %s, which is judged all the same', async (_, counted) => {
    const { bench, board, send } = await open(CANARY);
    const first = bench.controller('a');
    await first.round();
    await send(50, 50);
    await first.round();
    await first.close();
    const { upTo, evidence } = await bench.stores.evidence.load();
    const older = evidence.map(({ subject, snapshot }) => {
      const state = JSON.parse(snapshot) as { evidence: { fallbacks?: unknown } };
      expect(state.evidence.fallbacks).toBeDefined();
      if (counted === undefined) delete state.evidence.fallbacks;
      else state.evidence.fallbacks = counted;
      return { subject, snapshot: JSON.stringify(state) };
    });
    const lease = await bench.stores.leases.acquire('controller', 'test', 1_000);
    await bench.stores.evidence.save(older, [], upTo, lease!);
    await bench.stores.leases.release(lease!);
    const second = bench.controller('b', board);
    await second.round();
    expect(board.analysis('next')!).toMatchObject({ requests: 100, warnings: [] });
    expect(bench.unreadable).toEqual([]);
  });
});
