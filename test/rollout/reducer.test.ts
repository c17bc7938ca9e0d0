import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutPhase, RolloutState } from '../../src/core/rollout.ts';
import { RolloutError } from '../../src/rollout/errors.ts';
import { applySpec, initialState, reduce, type RolloutCommand } from '../../src/rollout/reducer.ts';
import { parse, rollout } from './fixtures.ts';

const PHASES: readonly RolloutPhase[] = ['progressing', 'paused', 'healthy', 'degraded'];

/** A canary in each phase, as it gets there: at step 2 of 4, held by hand at 37 %, done, rolled back. */
const CANARY: Readonly<Record<RolloutPhase, RolloutState>> = {
  progressing: { phase: 'progressing', step: 1, weight: 25, desired: 'canary' },
  paused: { phase: 'paused', step: 1, weight: 37, desired: 'canary' },
  healthy: { phase: 'healthy', step: 3, weight: 100, desired: 'canary' },
  degraded: { phase: 'degraded', step: 1, weight: 0, desired: 'stable' },
};

const COMMANDS = {
  'set-weight 10': { verb: 'set-weight', weight: 10 },
  pause: { verb: 'pause' },
  resume: { verb: 'resume' },
  promote: { verb: 'promote', full: false },
  'promote --full': { verb: 'promote', full: true },
  abort: { verb: 'abort' },
  retry: { verb: 'retry' },
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
};

const SHADOW_TABLE: typeof CANARY_TABLE = {
  ...EXPERIMENT_TABLE,
  'set-weight 10': [REFUSED, REFUSED, REFUSED, REFUSED],
  resume: [REFUSED, REFUSED, REFUSED, REFUSED],
  retry: [REFUSED, REFUSED, REFUSED, 'healthy 1/0 0% canary'],
};

function outcome(before: Rollout, command: RolloutCommand): string {
  const after = reduce(before, command);
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
    expect(rollout().state).toEqual({ phase: 'progressing', step: 0, weight: 5, desired: 'canary' });
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
    expect(reduce(rollout(), { verb: 'set-weight', weight })).toMatchObject({ state: { phase: 'paused', weight } });
  });

  it.each([-0.01, 100.01, 0.001, 12.345, Number.NaN, Number.POSITIVE_INFINITY])('refuses the weight %d', (weight) => {
    expect(reduce(rollout(), { verb: 'set-weight', weight })).toMatchObject({ code: 'invalid_weight' });
  });

  it('tells what to do instead when it refuses', () => {
    const refusal = reduce(rollout({}, CANARY.degraded), COMMANDS.promote) as RolloutError;
    expect(refusal.message).toBe(
      'The canary "fast-v2" is degraded and cannot take `promote`: it was rolled back; `retry` starts it again.',
    );
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
    for (const phase of PHASES) expect(applySpec(CANARY[phase], previous, next)).toEqual(initialState(next));
  });

  it.each(PHASES)('with other steps leaves a %s canary at its weight', (phase) => {
    const next = parse({ name: 'fast-v2', steps: [1, 10] });
    expect(applySpec(CANARY[phase], previous, next)).toEqual({ ...CANARY[phase], step: 1 });
  });

  it('moves a progressing canary to the step that fits its weight', () => {
    const next = parse({ name: 'fast-v2', steps: [1, 2, 5, 10, 25, 100] });
    expect(applySpec(CANARY.progressing, previous, next).step).toBe(4);
  });

  it('never relaunches what was rolled back when the old one cannot be read', () => {
    expect(applySpec(CANARY.degraded, null, previous)).toEqual(CANARY.degraded);
    expect(applySpec(CANARY.paused, null, previous)).toEqual(initialState(previous));
  });
});

describe('whatever commands come', () => {
  const command: fc.Arbitrary<RolloutCommand> = fc.oneof(
    fc.record({ verb: fc.constant('set-weight' as const), weight: fc.double({ min: -10, max: 110 }) }),
    fc.record({ verb: fc.constant('set-weight' as const), weight: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ verb: fc.constant('promote' as const), full: fc.boolean() }),
    fc.record({ verb: fc.constantFrom('pause' as const, 'resume' as const, 'abort' as const, 'retry' as const) }),
  );
  const commands = fc.array(command, { maxLength: 30 });
  const start = fc
    .record({
      kind: fc.constantFrom('canary', 'experiment', 'shadow'),
      steps: fc
        .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1 })
        .map((steps) => steps.sort((a, b) => a - b)),
    })
    .map((declared) => rollout(declared));

  function* states(from: Rollout, all: readonly RolloutCommand[]): Generator<[RolloutCommand, Rollout, Rollout]> {
    let before = from;
    for (const each of all) {
      const result = reduce(before, each);
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

  it('promote never takes traffic away', () => {
    const result = check(39, ({ verb }, before, after) => {
      return verb !== 'promote' || after.state.weight >= before.state.weight;
    });
    expect(result).toMatchObject(HOLDS);
  });
});
