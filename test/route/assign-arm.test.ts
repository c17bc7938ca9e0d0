import { describe, expect, it } from 'vitest';
import { armAt, unitPosition } from '../../src/core/assignment.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Rollout, RolloutMatch } from '../../src/core/rollout.ts';
import { assignArm, stickyUnit } from '../../src/route/assign-arm.ts';
import { rollout } from '../rollout/fixtures.ts';
import { facts } from './fixtures.ts';

function matching(match: Partial<RolloutMatch>, name = 'fast-v2'): Rollout {
  const made = rollout({ name }, { weight: 100 });
  return { ...made, spec: { ...made.spec, match: { model: null, key: null, metadata: {}, ...match } } };
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
    expect(assignArm([matching({ model: 'other' }, 'one'), matching({}, 'two')], facts())?.rollout.spec.name).toBe(
      'two',
    );
  });

  it('that is a shadow assigns nobody and leaves the others to decide', () => {
    const shadow = rollout({ name: 'shadow', kind: 'shadow' });
    expect(assignArm([shadow, matching({}, 'two')], facts({ forcedArm: 'canary' }))?.rollout.spec.name).toBe('two');
  });

  it('assigns the arm that owns the place of the unit', () => {
    const half = rollout({}, { weight: 50 });
    const arms = new Set<string>();
    for (let user = 0; user < 100; user++) {
      const assigned = assignArm([half], facts({ user: `u${user}` }))!;
      expect(assigned.arm).toBe(half.spec.arms[armAt(half, unitPosition(half.spec.salt, `u${user}`))]);
      expect(assigned.isForced).toBe(false);
      arms.add(assigned.arm.name);
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
