import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KeySettings } from '../../src/core/keys.ts';
import { StoredKeys } from '../../src/identify/stored-keys.ts';
import { FakeKeys, FakeTime, secret, START } from './fake-keys.ts';
import { runsOf } from '../support/runs.ts';

const STALE = 300_000;
const NO_TEAMS = new Map();
const DIGESTS = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'];

type Step =
  /** The owner gets these secrets; all but the first end at `until` from now. */
  | {
      readonly kind: 'write';
      readonly owner: string;
      readonly ids: string[];
      readonly until: number;
      readonly expires: number | null;
      readonly revoked: boolean;
    }
  /** Somebody calls; with `race` while another write and a look at the changes come in between. */
  | { readonly kind: 'look'; readonly gateway: number; readonly digest: string; readonly race: boolean }
  | { readonly kind: 'poll'; readonly gateway: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'break'; readonly isDown: boolean };

const time = () => fc.integer({ min: -50, max: 3_000 });
const gateway = fc.nat(1);
const write = fc.record({
  kind: fc.constant('write' as const),
  owner: fc.constantFrom('a', 'b'),
  ids: fc.shuffledSubarray(['1', '2', '3'], { minLength: 1 }),
  until: time(),
  expires: fc.option(time()),
  revoked: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  write,
  fc.record({ kind: fc.constant('look' as const), gateway, digest: fc.constantFrom(...DIGESTS), race: fc.boolean() }),
  fc.record({ kind: fc.constant('poll' as const), gateway }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
  fc.record({ kind: fc.constant('break' as const), isDown: fc.boolean() }),
);

/** Two gateways on one store. */
class World {
  readonly time = new FakeTime();
  readonly store = new FakeKeys();
  readonly gateways: StoredKeys[] = [];

  async open(): Promise<void> {
    for (let i = 0; i < 2; i++)
      this.gateways.push(
        await StoredKeys.open({
          store: this.store,
          clock: this.time.clock,
          after: this.time.after,
          parse: (declared) => declared as unknown as KeySettings,
          failed() {},
          recovered() {},
          unreadable() {},
        }),
      );
  }

  async take(each: Step): Promise<void> {
    if (each.kind === 'write') this.write(each);
    else if (each.kind === 'poll') await this.gateways[each.gateway]!.poll();
    else if (each.kind === 'wait') await this.time.pass(each.ms);
    else if (each.kind === 'break') this.store.isDown = each.isDown;
    else {
      if (each.race) this.store.meanwhile = () => this.revoke(each.digest[0]!, each.gateway);
      await this.answer(each.gateway, each.digest);
      this.store.meanwhile = null;
    }
  }

  async answer(index: number, digest: string): Promise<string> {
    const found = Promise.resolve(this.gateways[index]!.find(digest, NO_TEAMS, STALE)).then(
      (key) => (key === null ? 'unknown' : key === 'ended' ? 'ended' : key.name),
      () => 'unavailable',
    );
    await this.time.pass(10);
    return found;
  }

  /** What the store itself says. */
  truth(digest: string): string {
    const key = [...this.store.keys.values()].find(({ secrets }) => secrets.some((each) => each.digest === digest));
    if (key === undefined) return 'unknown';
    const { validUntil } = key.secrets.find((each) => each.digest === digest)!;
    const { expiresAt } = key.declared as unknown as KeySettings;
    const isOver = [validUntil, expiresAt].some((end) => end !== null && end <= this.time.clock.wall());
    return key.revokedAt !== null || isOver ? 'ended' : key.name;
  }

  private write({ owner, ids, until, expires, revoked }: Step & { readonly kind: 'write' }): void {
    const now = this.time.clock.wall();
    const secrets = ids.map((id, index) => secret(owner + id, index === 0 ? null : now + until));
    const expiresAt = expires === null ? null : now + expires;
    this.store.put(`key_${owner}`, secrets, { expiresAt }, revoked ? START : null);
  }

  private async revoke(owner: string, index: number): Promise<void> {
    const key = this.store.keys.get(`key_${owner}`);
    if (key !== undefined) this.store.put(key.id, key.secrets, {}, START);
    await this.gateways[index]!.poll();
  }
}

it('two gateways know after a look at the changes what the store knows, whatever came before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const world = new World();
      await world.open();
      for (const each of steps) await world.take(each);
      world.store.isDown = false;
      for (const each of world.gateways) await each.poll();
      for (const digest of DIGESTS)
        for (const index of [0, 1]) {
          const before = world.truth(digest);
          const answer = await world.answer(index, digest);
          // A look takes time, in which a key may end.
          expect([before, world.truth(digest)]).toContain(answer);
        }
    }),
    { seed: 5, numRuns: runsOf(200) },
  );
});

it('while the store is broken nobody is let in whom it had ended when it was last read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const world = new World();
      await world.open();
      for (const each of steps) await world.take(each);
      world.store.isDown = false;
      for (const each of world.gateways) await each.poll();
      world.store.isDown = true;
      await world.time.pass(2_500);
      for (const digest of DIGESTS)
        for (const index of [0, 1]) {
          const before = world.truth(digest);
          const answer = await world.answer(index, digest);
          expect([before, world.truth(digest), 'unavailable']).toContain(answer);
        }
    }),
    { seed: 6, numRuns: runsOf(200) },
  );
});
