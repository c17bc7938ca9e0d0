import type { Counters } from './core/counters.ts';
import type { Stores } from './core/stores.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** @param troubles told of, though requests can be served: a full disk must not take all gateways out of service */
export async function readiness(
  stores: Stores,
  counters: Counters,
  isDraining: boolean,
  troubles: readonly string[],
): Promise<Readiness> {
  const reasons = isDraining ? ['draining'] : [];
  try {
    await stores.check();
  } catch {
    reasons.push('the store cannot be read');
  }
  // Told only: what holds while they are down is each limit's own to say, and all gateways share them.
  const told = await counters.check().then(
    () => [],
    () => ['the counters cannot be reached'],
  );
  return { ready: reasons.length === 0, reasons: [...reasons, ...told, ...troubles] };
}
