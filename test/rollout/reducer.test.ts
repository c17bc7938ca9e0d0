import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutPhase, RolloutState } from '../../src/core/rollout.ts';
import { RolloutError } from '../../src/rollout/errors.ts';
import { applySpec, initialState, reduce, type RolloutCommand } from '../../src/rollout/reducer.ts';
import { parse, rollout } from './fixtures.ts';

const PHASES: readonly RolloutPhase[] = ['progressing', 'paused', 'healthy', 'degraded'];

const NOW = 1_000_000;
const START = { epoch: 3, since: 0, winner: null, saltTurn: 0 };

/** A canary in each phase, as it gets there: at step 2 of 4, held by hand at 37 %, done, rolled back. */
const CANARY: Readonly<Record<RolloutPhase, RolloutState>> = {
  progressing: { phase: 'progressing', step: 1, weight: 25, desired: 'canary', ...START },
  paused: { phase: 'paused', step: 1, weight: 37, desired: 'canary', ...START },
  healthy: { phase: 'healthy', step: 3, weight: 100, desired: 'canary', ...START },
  degraded: { phase: 'degraded', step: 1, weight: 0, desired: 'stable', ...START },
};

const COMMANDS = {
  'set-weight 10': { verb: 'set-weight', weight: 10 },
  pause: { verb: 'pause' },
  resume: { verb: 'resume' },
  promote: { verb: 'promote', full: false },
  'promote --full': { verb: 'promote', full: true },
  abort: { verb: 'abort' },
  retry: { verb: 'retry' },
  'promote --arm b': { verb: 'promote', full: false, arm: 'b' },
  'release-holdback': { verb: 'release-holdback' },
} as const satisfies Record<string, RolloutCommand>;

const FINISHED = 'healthy 4/4 100% canary';
const ABORTED = 'degraded 2/4 0% stable';
const REFUSED = 'invalid_transition';
const SAME = 'same';

const CANARY_TABLE: Readonly<Record<keyof typeof COMMANDS, readonly [string, string, string, string]>> = {
  'set-weight 10': ['paused 2/4 10% canary', 'paused 2/4 10% canary', 'paused 4/4 10% canary', REFUSED],
  pause: ['paused 2/4 25% canary', SAME, REFUSED, REFUSED],
  resume: [SAME, 'progressing 2/4 37% canary', REFUSED, REFUSED],
  promote: ['progressing 3/4 50% canary', 'progressing 3/4 50% canary', SAME, REFUSED],
  'promote --full': [FINISHED, FINISHED, SAME, REFUSED],
  abort: [ABORTED, ABORTED, 'degraded 4/4 0% stable', SAME],
  retry: [REFUSED, REFUSED, REFUSED, 'progressing 1/4 5% canary'],
  'promote --arm b': [REFUSED, REFUSED, REFUSED, REFUSED],
  'release-holdback': [REFUSED, REFUSED, SAME, REFUSED],
};

const EXPERIMENT_TABLE: typeof CANARY_TABLE = {
  'set-weight 10': Array(3).fill('paused 1/0 10% canary').concat(REFUSED) as unknown as [
    string,
    string,
    string,
    string,
  ],
  pause: [REFUSED, REFUSED, REFUSED, REFUSED],
  resume: [REFUSED, 'healthy 1/0 37% canary', REFUSED, REFUSED],
  promote: [REFUSED, REFUSED, REFUSED, REFUSED],
  'promote --full': [REFUSED, REFUSED, REFUSED, REFUSED],
  abort: ['degraded 1/0 0% stable', 'degraded 1/0 0% stable', 'degraded 1/0 0% stable', SAME],
  retry: [REFUSED, REFUSED, REFUSED, 'healthy 1/0 100% canary'],
  'promote --arm b': ['healthy 1/0 100% canary', 'healthy 1/0 100% canary', 'healthy 1/0 100% canary', REFUSED],
  'release-holdback': [REFUSED, REFUSED, REFUSED, REFUSED],
};

const SHADOW_TABLE: typeof CANARY_TABLE = {
  ...EXPERIMENT_TABLE,
  'set-weight 10': [REFUSED, REFUSED, REFUSED, REFUSED],
  resume: [REFUSED, REFUSED, REFUSED, REFUSED],
  'promote --arm b': [REFUSED, REFUSED, REFUSED, REFUSED],
  retry: [REFUSED, REFUSED, REFUSED, 'healthy 1/0 0% canary'],
};

function outcome(before: Rollout, command: RolloutCommand): string {
  const after = reduce(before, command, NOW);
  if (after instanceof RolloutError) return after.code;
  if (after === before) return SAME;
  const { phase, step, weight, desired } = after.state;
  return `${phase} ${step + 1}/${after.spec.steps.length} ${weight}% ${desired}`;
}

describe.each([
  ['canary', CANARY_TABLE],
  ['experiment', EXPERIMENT_TABLE],
  ['shadow', SHADOW_TABLE],
])('a %s', (kind, expectations) => {
  const cases = PHASES.flatMap((phase, column) =>
    Object.entries(COMMANDS).map(([name, command]) => ({
      phase,
      name,
      command,
      expected: expectations[name as keyof typeof COMMANDS][column]!,
    })),
  );
  it.each(cases)('that is $phase makes of $name: $expected', ({ phase, command, expected }) => {
    const step = kind === 'canary' ? {} : { step: 0 };
    expect(outcome(rollout({ kind }, { ...CANARY[phase], ...step }), command)).toBe(expected);
  });
});

describe('a canary', () => {
  it('starts at its first step, progressing', () => {
    expect(initialState(rollout().spec, NOW)).toEqual({
      phase: 'progressing',
      step: 0,
      weight: 5,
      desired: 'canary',
      epoch: 1,
      since: NOW,
      winner: null,
      saltTurn: 0,
    });
  });

  it('finishes when it is promoted past its last step, whatever that step weighs', () => {
    expect(outcome(rollout({ steps: [5, 20] }, { step: 1, weight: 20 }), COMMANDS.promote)).toBe(
      'healthy 2/2 100% canary',
    );
  });

  it.each([
    [60, 'progressing 3/4 60% canary'],
    [50, 'progressing 3/4 50% canary'],
    [3, 'progressing 1/4 3% canary'],
    [0, 'progressing 1/4 0% canary'],
  ])('held at %d % resumes there, on the last step that is not above', (weight, expected) => {
    expect(outcome(rollout({}, { phase: 'paused', step: 1, weight }), COMMANDS.resume)).toBe(expected);
  });

  it('held above later steps is promoted to the first one that raises it', () => {
    expect(outcome(rollout({}, { phase: 'paused', step: 0, weight: 60 }), COMMANDS.promote)).toBe(
      'progressing 4/4 100% canary',
    );
  });

  it.each([0, 0.01, 0.5, 33.33, 99.99, 100])('takes the weight %d', (weight) => {
    expect(reduce(rollout(), { verb: 'set-weight', weight }, NOW)).toMatchObject({
      state: { phase: 'paused', weight },
    });
  });

  it.each([-0.01, 100.01, 0.001, 12.345, Number.NaN, Number.POSITIVE_INFINITY])('refuses the weight %d', (weight) => {
    expect(reduce(rollout(), { verb: 'set-weight', weight }, NOW)).toMatchObject({ code: 'invalid_weight' });
  });

  it('tells what to do instead when it refuses', () => {
    const refusal = reduce(rollout({}, CANARY.degraded), COMMANDS.promote, NOW) as RolloutError;
    expect(refusal.message).toBe(
      'The canary "fast-v2" is degraded and cannot take `promote`: it was rolled back; `retry` starts it again.',
    );
  });
});

describe('a pause point', () => {
  const steps = [5, { weight: 25, pause: true }, 100];

  it('pauses a canary that arrives there, until it is resumed or promoted', () => {
    expect(outcome(rollout({ steps }), COMMANDS.promote)).toBe('paused 2/3 25% canary');
    const waiting = rollout({ steps }, { phase: 'paused', step: 1, weight: 25 });
    expect(outcome(waiting, COMMANDS.resume)).toBe('progressing 2/3 25% canary');
    expect(outcome(waiting, COMMANDS.promote)).toBe('progressing 3/3 100% canary');
  });

  it('can be the first step', () => {
    expect(initialState(rollout({ steps: [{ weight: 5, pause: true }] }).spec, NOW).phase).toBe('paused');
  });
});

describe('a holdback', () => {
  const declared = { steps: [5, 50, 100], holdback: { weight: 2, for: 1000 } };

  it('keeps its share on stable when the canary is promoted past its steps or at once', () => {
    expect(outcome(rollout(declared, { step: 1, weight: 50 }), COMMANDS.promote)).toBe('healthy 3/3 98% canary');
    expect(outcome(rollout(declared), COMMANDS['promote --full'])).toBe('healthy 3/3 98% canary');
  });

  it('is released to all traffic', () => {
    const held = rollout(declared, { phase: 'healthy', step: 2, weight: 98 });
    expect(outcome(held, COMMANDS['release-holdback'])).toBe('healthy 3/3 100% canary');
  });

  it('follows its declaration, and stays released', () => {
    const held = rollout(declared, { phase: 'healthy', step: 2, weight: 98 });
    const change = (weight: number, holdback: { weight: number; for: number } | null) =>
      applySpec({ ...held.state, weight }, held.spec, parse({ name: 'fast-v2', ...declared, holdback }), NOW);
    expect(change(98, null)).toMatchObject({ weight: 100, since: NOW, epoch: 1 });
    expect(change(98, { weight: 5, for: 1000 })).toMatchObject({ weight: 95, since: NOW });
    expect(change(100, { weight: 5, for: 1000 })).toMatchObject({ weight: 100, since: 0 });
  });

  it('can still be rolled back', () => {
    const held = rollout(declared, { phase: 'healthy', step: 2, weight: 98 });
    expect(outcome(held, COMMANDS.abort)).toBe('degraded 3/3 0% stable');
  });
});

describe('an experiment', () => {
  it('gives all to the arm that is promoted, and shares again when a weight is set', () => {
    const won = reduce(rollout({ kind: 'experiment' }), COMMANDS['promote --arm b'], NOW) as Rollout;
    expect(won.state).toMatchObject({ winner: 'b', weight: 100 });
    expect(reduce(won, COMMANDS['set-weight 10'], NOW)).toMatchObject({ state: { winner: null, weight: 10 } });
  });

  it('names its arms when it is asked to promote none of them', () => {
    const refusal = reduce(rollout({ kind: 'experiment' }), { verb: 'promote', full: false, arm: 'c' }, NOW);
    expect((refusal as RolloutError).message).toContain('name the arm that takes all: a, b');
  });
});

describe('a start', () => {
  it('is counted by retry, and reshuffles only where that is asked for', () => {
    const degraded = rollout({}, CANARY.degraded);
    expect(reduce(degraded, COMMANDS.retry, NOW)).toMatchObject({ state: { epoch: 4, saltTurn: 0, since: NOW } });
    const reshuffled = reduce(degraded, { verb: 'retry', reshuffle: true }, NOW);
    expect(reshuffled).toMatchObject({ state: { epoch: 4, saltTurn: 1 } });
  });
});

describe('a new declaration', () => {
  const previous = parse({ name: 'fast-v2' });
  it.each([
    ['another target', { target: 'fast-v3' }],
    ['another salt', { salt: 'reshuffled' }],
    ['another kind', { kind: 'experiment' }],
  ])('with %s starts over, even what was rolled back', (_, change) => {
    const next = parse({ name: 'fast-v2', ...change });
    for (const phase of PHASES)
      expect(applySpec(CANARY[phase], previous, next, NOW)).toEqual(initialState(next, NOW, 4));
  });

  it.each(PHASES)('with other steps leaves a %s canary at its weight', (phase) => {
    const next = parse({ name: 'fast-v2', steps: [1, 10] });
    expect(applySpec(CANARY[phase], previous, next, NOW)).toEqual({ ...CANARY[phase], step: 1 });
  });

  it.each([
    ['guards', { guard: { error_rate: '+50%' } }],
    ['units', { sticky: ['key'] }],
    ['a range of a layer', { layer: { name: 'l', from: 0, to: 50 } }],
  ])('with other %s keeps the weight and begins the evidence anew', (_, change) => {
    const next = parse({ name: 'fast-v2', ...change });
    expect(applySpec(CANARY.progressing, previous, next, NOW)).toEqual({
      ...CANARY.progressing,
      epoch: CANARY.progressing.epoch + 1,
      since: NOW,
    });
  });

  it('moves a progressing canary to the step that fits its weight', () => {
    const next = parse({ name: 'fast-v2', steps: [1, 2, 5, 10, 25, 100] });
    expect(applySpec(CANARY.progressing, previous, next, NOW).step).toBe(4);
  });

  it('never relaunches what was rolled back when the old one cannot be read', () => {
    expect(applySpec(CANARY.degraded, null, previous, NOW)).toEqual(CANARY.degraded);
    expect(applySpec(CANARY.paused, null, previous, NOW)).toEqual(initialState(previous, NOW, 4));
  });
});

describe('whatever commands come', () => {
  const command: fc.Arbitrary<RolloutCommand> = fc.oneof(
    fc.record({ verb: fc.constant('set-weight' as const), weight: fc.double({ min: -10, max: 110 }) }),
    fc.record({ verb: fc.constant('set-weight' as const), weight: fc.integer({ min: 0, max: 100 }) }),
    fc.record({
      verb: fc.constant('promote' as const),
      full: fc.boolean(),
      arm: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    }),
    fc.record({ verb: fc.constant('retry' as const), reshuffle: fc.boolean() }),
    fc.record({ verb: fc.constantFrom('pause', 'resume', 'abort', 'release-holdback') }),
  );
  const commands = fc.array(command, { maxLength: 30 });
  const start = fc
    .record({
      kind: fc.constantFrom('canary', 'experiment', 'shadow'),
      steps: fc
        .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1 })
        .map((steps) =>
          steps.sort((a, b) => a - b).map((weight) => (weight % 3 === 0 ? { weight, pause: true } : weight)),
        ),
      holdback: fc.option(fc.record({ weight: fc.integer({ min: 1, max: 50 }), for: fc.constant(1000) })),
    })
    .map((declared) => rollout(declared));

  function* states(from: Rollout, all: readonly RolloutCommand[]): Generator<[RolloutCommand, Rollout, Rollout]> {
    let before = from;
    for (const [index, each] of all.entries()) {
      const result = reduce(before, each, NOW + index);
      const after = result instanceof RolloutError ? before : result;
      yield [each, before, after];
      before = after;
    }
  }

  function check(seed: number, holds: (command: RolloutCommand, before: Rollout, after: Rollout) => boolean) {
    const property = fc.property(start, commands, (from, all) =>
      [...states(from, all)].every((step) => holds(...step)),
    );
    return fc.check(property, { seed, numRuns: 300 });
  }
  const HOLDS = { failed: false, counterexample: null };

  it('the weight and the step stay within bounds', () => {
    const isWithin = (value: number, limit: number) => value >= 0 && value <= limit;
    const result = check(36, (_, __, { state, spec }) => {
      return isWithin(state.weight, 100) && isWithin(state.step, Math.max(0, spec.steps.length - 1));
    });
    expect(result).toMatchObject(HOLDS);
  });

  it('abort leaves no traffic on the canary', () => {
    const result = check(37, ({ verb }, _, { state }) => {
      return verb !== 'abort' || (state.weight === 0 && state.phase === 'degraded' && state.desired === 'stable');
    });
    expect(result).toMatchObject(HOLDS);
  });

  it('nothing but retry moves what was rolled back', () => {
    const result = check(38, ({ verb }, before, after) => {
      return before.state.phase !== 'degraded' || verb === 'retry' || after === before;
    });
    expect(result).toMatchObject(HOLDS);
  });

  it('promote never takes traffic away, but for what is to be held back', () => {
    const result = check(39, ({ verb }, before, after) => {
      const full = 100 - (after.spec.holdback?.weight ?? 0);
      return verb !== 'promote' || after.state.weight >= Math.min(before.state.weight, full);
    });
    expect(result).toMatchObject(HOLDS);
  });

  it('starts are never counted back, and every other weight says since when', () => {
    const result = check(40, ({ verb }, before, after) => {
      const isMoved = before.state.weight !== after.state.weight || before.state.step !== after.state.step;
      const isRestarted = verb === 'retry' && after !== before;
      const starts = before.state.epoch + (isRestarted ? 1 : 0);
      return after.state.epoch === starts && (!isMoved || after.state.since > before.state.since);
    });
    expect(result).toMatchObject(HOLDS);
  });

  it('a new declaration keeps what was rolled back at no traffic, unless it serves another thing', () => {
    const property = fc.property(start, commands, fc.boolean(), (from, all, isOther) => {
      const reached = [...states(from, all)].at(-1)?.[2] ?? from;
      const declared = {
        ...(from.spec.declared as object),
        ...(isOther ? { target: 'fast-v3' } : { guard: { cost: '+1%' } }),
      };
      const next = applySpec(reached.state, from.spec, parse(declared), NOW + 100);
      if (next.epoch < reached.state.epoch) return false;
      return isOther ? next.epoch > reached.state.epoch : next.phase === reached.state.phase;
    });
    expect(fc.check(property, { seed: 41, numRuns: 300 })).toMatchObject(HOLDS);
  });
});
