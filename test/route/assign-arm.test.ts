import { describe, expect, it } from 'vitest';
import { armAt, unitPosition } from '../../src/core/assignment.ts';
import type { HoldoutConfig } from '../../src/core/config.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Rollout, RolloutMatch } from '../../src/core/rollout.ts';
import {
  assignArm,
  HELD_OUT,
  matchingShadows,
  stickyUnit,
  type Assignment,
  type RequestFacts,
} from '../../src/route/assign-arm.ts';
import { rollout } from '../rollout/fixtures.ts';
import { facts } from './fixtures.ts';

function matching(match: Partial<RolloutMatch>, name = 'fast-v2'): Rollout {
  const made = rollout({ name }, { weight: 100 });
  return { ...made, spec: { ...made.spec, match: { model: null, key: null, metadata: {}, ...match } } };
}

function assigned(rollouts: readonly Rollout[], asked: Parameters<typeof facts>[0] = {}): Assignment | null {
  const found = assignArm(rollouts, facts(asked));
  if (found === HELD_OUT) throw new Error('held out without a holdout');
  return found;
}

describe('a rollout', () => {
  it.each([
    [{ model: 'chat-*' }, {}, true],
    [{ model: 'chat-slow' }, {}, false],
    [{ key: 'dev*' }, { keyName: 'dev-1' }, true],
    [{ key: '*' }, {}, false],
    [{ metadata: { team: 'se*' } }, { metadata: new Map([['team', 'search']]) }, true],
    [{ metadata: { team: '*' } }, {}, false],
    [{ model: 'chat-*', metadata: { team: 'a' } }, { metadata: new Map([['team', 'b']]) }, false],
  ])('with the match %j on %j: %s', (match, asked, expected) => {
    expect(assignArm([matching(match)], facts(asked)) !== null).toBe(expected);
  });

  it('decides alone where it is the first that matches, even when the unit takes no part', () => {
    const none = rollout({ name: 'one', kind: 'experiment' }, { weight: 0 });
    expect(assignArm([none, matching({}, 'two')], facts())).toBeNull();
    expect(assigned([matching({ model: 'other' }, 'one'), matching({}, 'two')])?.rollout.spec.name).toBe('two');
  });

  it('that is a shadow assigns nobody and leaves the others to decide', () => {
    const shadow = rollout({ name: 'shadow', kind: 'shadow' });
    expect(assigned([shadow, matching({}, 'two')], { forcedArm: 'canary' })?.rollout.spec.name).toBe('two');
  });

  it('assigns the arm that owns the place of the unit', () => {
    const half = rollout({}, { weight: 50 });
    const arms = new Set<string>();
    for (let user = 0; user < 100; user++) {
      const { arm, isForced } = assigned([half], { user: `u${user}` })!;
      expect(arm).toBe(half.spec.arms[armAt(half, unitPosition(half.spec.salt, `u${user}`))]);
      expect(isForced).toBe(false);
      arms.add(arm.name);
    }
    expect(arms).toEqual(new Set(['stable', 'canary']));
  });

  it('assigns the arm that the caller may force, and names the arms where there is none of the name', () => {
    const none = rollout({}, { weight: 0 });
    expect(assignArm([none], facts({ forcedArm: 'canary' }))).toMatchObject({
      arm: { name: 'canary' },
      isForced: true,
    });
    const force = (): unknown => assignArm([none], facts({ forcedArm: 'b' }));
    expect(force).toThrow(GatewayError);
    expect(force).toThrow('stable, canary');
  });
});

describe('the unit of a request', () => {
  const spec = { ...rollout().spec, sticky: ['metadata.conversation', 'user', 'key'] };

  it.each([
    [{ metadata: new Map([['conversation', 'c']]), user: 'u', keyName: 'k' }, 'c'],
    [{ metadata: new Map([['conversation', '']]), user: 'u', keyName: 'k' }, 'u'],
    [{ user: '', keyName: 'k' }, 'k'],
    [{}, 'request-1'],
  ])('is the first sticky source with a value: %j', (asked, expected) => {
    expect(stickyUnit(spec, facts(asked))).toBe(expected);
  });

  it('is the request itself where that is asked for', () => {
    expect(stickyUnit({ ...spec, sticky: ['request', 'user'] }, facts({ user: 'u' }))).toBe('request-1');
  });
});

/** Each has half of the layer `search`, and both arms of each half of its units. */
function inLayer(name: string, layer: string, from: number, to: number, prompt: string | null = null): Rollout {
  const made = rollout({ name, layer: { name: layer, from, to } }, { weight: 50 });
  const [stable, canary] = made.spec.arms;
  const target = prompt === null ? canary!.target : null;
  const changed = prompt === null ? null : { name: 'support', version: prompt };
  const arms = [
    { ...stable!, target: null },
    { ...canary!, target, prompt: changed },
  ];
  return { ...made, spec: { ...made.spec, arms, match: { model: null, key: null, metadata: {} } } };
}

describe('layers', () => {
  const UNITS = Array.from({ length: 100_000 }, (_, index) => `unit-${index}`);
  const SOME = UNITS.slice(0, 5_000);

  it('let the rollouts of one layer exclude each other, each with its range of the units', () => {
    const both = [inLayer('one', 'search', 0, 30), inLayer('two', 'search', 30, 100)];
    const counts = { one: 0, two: 0 };
    let inBothOrNone = 0;
    for (const user of UNITS) {
      const { trials } = assigned(both, { user })!;
      if (trials.length !== 1) inBothOrNone++;
      counts[trials[0]!.rollout.spec.name as 'one' | 'two']++;
    }
    expect(inBothOrNone).toBe(0);
    expect(Math.abs(counts.one / UNITS.length - 0.3)).toBeLessThan(0.005);
  });

  it('cross: the arms of rollouts of different layers are independent of each other', () => {
    const both = [inLayer('one', 'search', 0, 100), inLayer('two', 'tone', 0, 100, 'v7')];
    const table = [0, 0, 0, 0];
    for (const user of UNITS) {
      const [first, second] = assigned(both, { user })!.trials;
      table[2 * first!.arm + second!.arm]!++;
    }
    const expected = UNITS.length / 4;
    const chiSquare = table.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(16.27); // 99.9 % of chi-square with 3 degrees of freedom
  });

  it('join what the arms change, and tell of the first', () => {
    const both = [inLayer('one', 'search', 0, 100), inLayer('two', 'tone', 0, 100, 'v7')];
    const full = both.map((each) => ({ ...each, state: { ...each.state, weight: 100 } }));
    expect(assigned(full, { user: 'u' })).toMatchObject({
      rollout: { spec: { name: 'one' } },
      change: { target: { model: 'fast-v2' }, prompt: { version: 'v7' } },
    });
  });

  it('leave a unit outside every range to its route', () => {
    const narrow = inLayer('one', 'search', 0, 1);
    const taking = UNITS.filter((user) => assigned([narrow], { user }) !== null);
    expect(Math.abs(taking.length / UNITS.length - 0.01)).toBeLessThan(0.001);
  });

  it('keep every unit where it is when a weight rises, in its own rollout and in those that cross it', () => {
    const crossing = inLayer('two', 'tone', 0, 100, 'v7');
    const atWeight = (weight: number) => {
      const one = inLayer('one', 'search', 0, 40);
      return SOME.map((user) => assigned([{ ...one, state: { ...one.state, weight } }, crossing], { user })!.trials);
    };
    const armOf = (trials: Assignment['trials'], name: string) =>
      trials.find(({ rollout: of }) => of.spec.name === name)?.arm ?? -1;
    const [few, many] = [atWeight(10), atWeight(80)];
    for (const [index, trials] of few.entries()) {
      const [before, after] = [armOf(trials, 'one'), armOf(many[index]!, 'one')];
      expect(before === 0 ? after >= 0 : after === before).toBe(true);
      expect(armOf(many[index]!, 'two')).toBe(armOf(trials, 'two'));
    }
  });

  it('let the earlier rollout decide what both would change, and join their parameters', () => {
    const withParams = (name: string, layer: string, params: Readonly<Record<string, number>>): Rollout => {
      const made = inLayer(name, layer, 0, 100);
      const arms = made.spec.arms.map((arm) => ({ ...arm, params }));
      return { ...made, spec: { ...made.spec, arms }, state: { ...made.state, weight: 100 } };
    };
    const both = [withParams('one', 'a', { seed: 1 }), withParams('two', 'b', { seed: 2, top_p: 0.5 })];
    expect(assigned(both, { user: 'u' })!.change.params).toEqual({ seed: 1, top_p: 0.5 });
  });

  it('leave one another alone: a rollout without a layer and one with it both take the request', () => {
    const both = [matching({}, 'plain'), inLayer('one', 'search', 0, 100), matching({}, 'later')];
    expect(assigned(both, { user: 'u' })!.trials.map(({ rollout: of }) => of.spec.name)).toEqual(['plain', 'one']);
  });
});

describe('the holdout', () => {
  const holdout: HoldoutConfig = { share: 10, sticky: ['user'], salt: 'h' };

  it('takes part in no rollout, always the same units', () => {
    const all = [matching({}, 'one')];
    const held = Array.from({ length: 5_000 }, (_, index) => `u${index}`).filter(
      (user) => assignArm(all, facts({ user }), holdout) === HELD_OUT,
    );
    expect(Math.abs(held.length / 5_000 - 0.1)).toBeLessThan(0.015);
    const others = [matching({}, 'two'), inLayer('three', 'search', 0, 100)];
    for (const user of held) expect(assignArm(others, facts({ user }), holdout)).toBe(HELD_OUT);
  });

  it('is only told of where a rollout would have taken the request', () => {
    const everybody = { ...holdout, share: 100 };
    expect(assignArm([matching({ model: 'other' })], facts({ user: 'u' }), everybody)).toBeNull();
  });

  it('does not keep a key that may choose its arm from choosing', () => {
    const everybody = { ...holdout, share: 100 };
    expect(assignArm([matching({})], facts({ forcedArm: 'canary' }), everybody)).toMatchObject({ isForced: true });
  });
});

describe('a unit in the outcome log', () => {
  it('is a pseudonym, and null where the request is its own unit', () => {
    const { trials } = assigned([matching({})], { user: 'ada@example.org' })!;
    expect(trials[0]!.unit).toMatch(/^[0-9a-f]{16}$/);
    expect(assigned([matching({})])!.trials[0]!.unit).toBeNull();
  });
});

describe('a shadow', () => {
  it('wants its sample of the requests, and none once it is stopped', () => {
    const made = rollout({ name: 's', kind: 'shadow' });
    const sampled = { ...made, spec: { ...made.spec, shadow: { sample: 20, budget: null, timeout: 1000 } } };
    const ids = Array.from({ length: 5_000 }, (_, index) => `request-${index}`);
    const copied = (of: Rollout) => ids.filter((requestId) => matchingShadows([of], facts({ requestId })).length > 0);
    expect(copied(sampled).length / ids.length).toBeCloseTo(0.2, 1);
    expect(copied({ ...sampled, state: { ...sampled.state, phase: 'degraded' } })).toEqual([]);
  });

  it('says whose request it copies, by the pseudonym that a trial would have', () => {
    const shadow = rollout({ name: 's', kind: 'shadow' });
    const all = {
      ...shadow,
      spec: { ...shadow.spec, sticky: ['user'], shadow: { sample: 100, budget: null, timeout: 1000 } },
    };
    const unitOf = (change: Partial<RequestFacts>) => matchingShadows([all], facts(change))[0]!.unit;
    expect(unitOf({ user: 'jane', requestId: '1' })).toMatch(/^[0-9a-f]{16}$/);
    expect(unitOf({ user: 'jane', requestId: '2' })).toBe(unitOf({ user: 'jane', requestId: '1' }));
    expect(unitOf({ user: 'joe' })).not.toBe(unitOf({ user: 'jane' }));
    expect(unitOf({ user: null })).toBeNull();
  });
});
