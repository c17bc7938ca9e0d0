import { describe, expect, it } from 'vitest';
import { Supervisor } from '../../src/workers/supervisor.ts';

interface FakeWorker {
  readonly slot: number;
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  up(): void;
  fail(message: string): void;
  end(how: string): Promise<void>;
}

function open(count = 2) {
  const clock = { time: 0, now: () => clock.time, wall: () => clock.time };
  const spawned: FakeWorker[] = [];
  const gone: number[] = [];
  const died: (readonly [number, string, number])[] = [];
  const timers: { readonly delay: number; readonly callback: () => void }[] = [];
  const spawn = (slot: number): FakeWorker => {
    const ready = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<string>();
    ready.promise.catch(() => {});
    const worker: FakeWorker = {
      slot,
      ready: ready.promise,
      exited: exited.promise,
      up: () => ready.resolve(),
      fail: (message) => ready.reject(new Error(message)),
      end: async (how) => {
        ready.reject(new Error(`it ended at its start (${how})`));
        exited.resolve(how);
        await settled();
      },
    };
    spawned.push(worker);
    return worker;
  };
  const supervisor = new Supervisor<FakeWorker>({
    count,
    clock,
    spawn,
    gone: ({ slot }) => void gone.push(slot),
    died: (slot, how, delay) => void died.push([slot, how, delay]),
    after: (delay, callback) => {
      timers.push({ delay, callback });
      return { unref() {} };
    },
  });
  const start = async (): Promise<void> => {
    const started = supervisor.start();
    for (const worker of spawned) worker.up();
    await started;
  };
  const slots = (): number[] => supervisor.serving().map(({ slot }) => slot);
  return { clock, supervisor, spawned, gone, died, timers, start, slots };
}

/** What promises have to say is heard. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the supervisor of workers', () => {
  it('has started when all serve', async () => {
    const { supervisor, spawned, slots } = open(3);
    const started = supervisor.start();
    spawned[0]!.up();
    spawned[2]!.up();
    await settled();
    expect(slots()).toEqual([1, 3]);
    spawned[1]!.up();
    await started;
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('does not start where one cannot, and says why', async () => {
    const { supervisor, spawned } = open();
    const started = supervisor.start();
    spawned[0]!.up();
    spawned[1]!.fail('address already in use');
    await expect(started).rejects.toThrow('address already in use');
    await spawned[1]!.end('exit code 1');
    expect(spawned).toHaveLength(2);
  });

  it('replaces at once, in its place, one that dies', async () => {
    const { spawned, start, died, gone, slots } = open();
    await start();
    await spawned[1]!.end('signal SIGKILL');
    expect([died, gone]).toEqual([[[2, 'signal SIGKILL', 0]], [2]]);
    expect(slots()).toEqual([1]);
    spawned[2]!.up();
    await settled();
    expect([spawned[2]!.slot, slots()]).toEqual([2, [1, 2]]);
  });

  it('waits longer each time for one that dies soon after its start, tells of it, and forgets it once it serves on', async () => {
    const { clock, supervisor, spawned, start, timers, died } = open(1);
    await start();
    await spawned[0]!.end('exit code 1');
    for (let turn = 0; turn < 10; turn++) {
      await spawned.at(-1)!.end('exit code 1');
      timers.at(-1)!.callback();
    }
    expect(died.map(([, , delay]) => delay)).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000]);
    expect(supervisor.troubles()).toEqual([
      'worker 1 has failed 11 times in a row: it ended at its start (exit code 1)',
    ]);
    spawned.at(-1)!.up();
    await settled();
    expect(supervisor.troubles()).toEqual([]);
    clock.time += 10_000;
    await spawned.at(-1)!.end('signal SIGSEGV');
    expect(died.at(-1)).toEqual([1, 'signal SIGSEGV', 0]);
  });

  it('begins another one as soon as one leaves, which is there until it has finished', async () => {
    const { supervisor, spawned, start, slots, died } = open(1);
    await start();
    supervisor.leaving(spawned[0]!);
    expect([spawned.length, slots(), supervisor.workers().length]).toEqual([2, [], 2]);
    spawned[1]!.up();
    await spawned[0]!.end('exit code 0');
    expect([slots(), supervisor.workers(), died]).toEqual([[1], [spawned[1]], []]);
  });

  it('replaces nobody once it is released', async () => {
    const { supervisor, spawned, start, timers } = open();
    await start();
    await spawned[0]!.end('exit code 1');
    await spawned[2]!.end('exit code 1');
    supervisor.release();
    timers[0]!.callback();
    supervisor.leaving(spawned[1]!);
    const ended = supervisor.ended();
    await spawned[1]!.end('exit code 0');
    await ended;
    expect(spawned).toHaveLength(3);
  });
});
