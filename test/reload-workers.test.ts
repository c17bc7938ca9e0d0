import { describe, expect, it } from 'vitest';
import type { Config } from '../src/core/config.ts';
import type { Rollout } from '../src/core/rollout.ts';
import { Reloads } from '../src/reload-workers.ts';
import type { WorkerHandle } from '../src/worker-handle.ts';
import { ChannelClosedError } from '../src/workers/channel.ts';

const OLD = { name: 'old' } as unknown as Config;
const NEW = { name: 'new' } as unknown as Config;
const ROLLOUTS: readonly Rollout[] = [];

interface Fake {
  readonly handle: WorkerHandle;
  /** Calls in their order. */
  readonly calls: string[];
}

/** @param prepare what becomes of it there */
function fake(prepare: () => Promise<void> = () => Promise.resolve(), isFollowing = true): Fake {
  const calls: string[] = [];
  const channel = {
    callWithin: (_within: number, name: string, config: { readonly name: string }) => {
      calls.push(name === 'prepare' ? `${name} ${config.name}` : name);
      return name === 'prepare' ? prepare() : Promise.resolve();
    },
    tell: (name: string) => void calls.push(name),
  };
  return { calls, handle: { channel, config: OLD, isFollowing } as unknown as WorkerHandle };
}

function open(...fakes: readonly Fake[]) {
  const inForce = { config: OLD };
  const reloads = new Reloads({
    workers: () => fakes.map(({ handle }) => handle),
    config: () => inForce.config,
    rollouts: () => ROLLOUTS,
  });
  const here = (): Promise<void> => {
    inForce.config = NEW;
    return Promise.resolve();
  };
  return { inForce, reloads, here };
}

describe('a reload', () => {
  it('is made ready by all workers before it comes into force anywhere', async () => {
    const fakes = [fake(), fake()];
    const { reloads } = open(...fakes);
    const told: string[][] = [];
    await reloads.apply(NEW, () => Promise.resolve(void told.push(...fakes.map(({ calls }) => [...calls]))));
    expect(told).toEqual([['prepare new'], ['prepare new']]);
    for (const { calls } of fakes) expect(calls).toEqual(['prepare new', 'commit']);
  });

  it('comes into force nowhere where one worker refuses it', async () => {
    const fakes = [fake(), fake(() => Promise.reject(new Error('no such pattern')))];
    const { inForce, reloads, here } = open(...fakes);
    await expect(reloads.apply(NEW, here)).rejects.toThrow('no such pattern');
    expect(inForce.config).toBe(OLD);
    for (const { calls } of fakes) expect(calls).toEqual(['prepare new', 'discard']);
    expect(reloads.isApplying).toBe(false);
  });

  it('comes into force in no worker where the control process cannot bring it into force', async () => {
    const one = fake();
    const { reloads } = open(one);
    await expect(reloads.apply(NEW, () => Promise.reject(new Error('store')))).rejects.toThrow('store');
    expect(one.calls).toEqual(['prepare new', 'discard']);
  });

  it('does not fail where a worker dies meanwhile', async () => {
    const fakes = [fake(() => Promise.reject(new ChannelClosedError())), fake()];
    const { inForce, reloads, here } = open(...fakes);
    await reloads.apply(NEW, here);
    expect(inForce.config).toBe(NEW);
  });

  it('is caught up with by a worker that began before it, and by none before it is in force', async () => {
    const began = fake(undefined, false);
    const { reloads, here } = open(fake(), began);
    const applied = reloads.apply(NEW, here);
    const caught = reloads.catchUp(began.handle);
    expect(began.calls).toEqual([]);
    await Promise.all([applied, caught]);
    expect(began.calls).toEqual(['prepare new', 'commit']);
    expect(began.handle).toMatchObject({ config: NEW, isFollowing: true });
  });

  it('asks a worker that began with what is in force for nothing but its rollouts', async () => {
    const began = fake(undefined, false);
    const { reloads } = open(began);
    await reloads.catchUp(began.handle);
    expect(began.calls).toEqual(['commit']);
  });
});
