import type { CounterStore, KeyStore, ObjectStore } from './core/stores.ts';
import type { ControlCalls, WorkerCalls } from './worker-calls.ts';
import type { Channel } from './workers/channel.ts';

export type ControlChannel = Channel<ControlCalls, WorkerCalls>;

/** What of the store a worker needs; nothing sweeps it there. */
export interface WorkerStores {
  readonly keys: Pick<KeyStore, 'withDigests' | 'changedAfter' | 'newestChange'>;
  readonly objects: Pick<ObjectStore, 'find' | 'add' | 'remove'>;
  readonly counters: CounterStore;
}

/** The control process's store, over the channel. */
export function workerStores(channel: ControlChannel): WorkerStores {
  return {
    keys: {
      withDigests: (digests) => channel.call('keysWithDigests', digests),
      changedAfter: (change, limit) => channel.call('keysChangedAfter', change, limit),
      newestChange: () => channel.call('newestKeyChange'),
    },
    objects: {
      find: (ids, now) => channel.call('findObjects', ids, now),
      add: (objects) => channel.call('addObjects', objects),
      remove: (ids) => channel.call('removeObjects', ids),
    },
    counters: {
      add: (name, amount) => channel.call('addToCounter', name, amount),
      value: (name) => channel.call('counterValue', name),
      raise: (name, value) => channel.call('raiseCounter', name, value),
    },
  };
}
