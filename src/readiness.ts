import type { Counters } from './core/counters.ts';
import type { Stores } from './core/stores.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

interface StoreState {
  readonly stores: Stores;
  /** Of its file, where it is one. */
  readonly storeTrouble: () => string | null;
  /** What waits on disk for it, outcomes and the trail apart. */
  readonly spooledWrites: () => { readonly reason: string | null };
}

/** @param troubles told of, though requests can be served: a full disk must not take all gateways out of service */
export async function readiness(
  { stores, storeTrouble, spooledWrites }: StoreState,
  counters: Counters,
  isDraining: boolean,
  troubles: readonly string[],
): Promise<Readiness> {
  const draining = isDraining ? ['draining'] : [];
  const [ofStore, ofCounters] = await Promise.all([
    reasonUnless(stores.check(), 'the store cannot be read'),
    reasonUnless(counters.check(), 'the counters cannot be reached'),
  ]);
  const trouble = storeTrouble();
  const ofFile = trouble === null ? [] : [trouble];
  const { reason } = spooledWrites();
  const ofWrites = reason === null ? [] : [`spent sums and owners of objects wait on disk for the store: ${reason}`];
  // What all gateways share is told only: what is known is served on, and no other gateway could do better.
  const against = [...draining, ...(stores.isShared ? [] : ofStore)];
  const told = [...(stores.isShared ? ofStore : []), ...ofCounters, ...ofFile, ...ofWrites];
  return { ready: against.length === 0, reasons: [...against, ...told, ...troubles] };
}

function reasonUnless(isWell: Promise<void>, reason: string): Promise<readonly string[]> {
  return isWell.then(
    () => [],
    () => [reason],
  );
}
