import { onTestFinished } from 'vitest';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { Admission } from '../../src/limits/admission.ts';
import { parseConfig } from '../../src/config/load.ts';
import { systemClock as clock } from '../../src/core/clock.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import type { LogEntry, RequestResult } from '../../src/core/outcome.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import { ObjectHomes } from '../../src/affinity/object-homes.ts';
import type { ObjectStore } from '../../src/core/stores.ts';
import { CachedCalls } from '../../src/cached-calls.ts';
import { Gateway } from '../../src/gateway.ts';
import { listen } from '../../src/ingress/server.ts';
import { costOfExchange } from '../../src/outcome/cost.ts';
import { toResult } from '../../src/outcome/request-result.ts';
import { InflightLimit } from '../../src/policy/admit.ts';
import { initialState } from '../../src/rollout/reducer.ts';
import { ShadowTraffic } from '../../src/shadow/shadow-traffic.ts';
import { SnapshotBuilder } from '../../src/snapshot.ts';
import { CopyWatch } from './copy-watch.ts';
import type { TestConfig } from './test-gateway.ts';

/** What a request came to, and the exchange that it was read from. */
export interface Observed {
  readonly exchange: Exchange;
  readonly result: RequestResult | null;
}

export interface ObservedGateway {
  readonly url: string;
  readonly feedback: readonly LogEntry[];
  /** What shadows did. */
  readonly copies: CopyWatch;
  /** The result of the request with this number, counted from 0, as soon as it has one. */
  observed(index: number): Promise<Observed>;
}

/** A data plane alone, on a free port, that looks at every reply; its rollouts are those of the configuration. */
export async function startObservedGateway(settings: TestConfig): Promise<ObservedGateway> {
  const { config } = parseConfig(Buffer.from(JSON.stringify({ gateway: { port: 0 }, ...settings })), 'test.json', {});
  const inflight = new InflightLimit();
  const secret = Buffer.alloc(32);
  const builder = new SnapshotBuilder(
    { keyHash: secret, placeholders: secret },
    clock,
    { find: () => null },
    () => inflight.current,
  );
  const prepared = await builder.prepare(config);
  prepared.commit();
  const rollouts = config.rollouts.map((spec): Rollout => ({
    spec,
    state: initialState(spec, 0),
    revision: 1,
    version: 1,
    updatedAt: 0,
  }));
  const feedback: LogEntry[] = [];
  const seen: Observed[] = [];
  const waiting = new Map<number, (observed: Observed) => void>();
  const copies = new CopyWatch();
  const shadow = new ShadowTraffic({ clock, ...copies.deps });
  const counters = new MemoryCounters(clock);
  const admission = new Admission({ counters, clock, ledger: null, denied() {}, failed() {} });
  const gateway = new Gateway({
    clock,
    inflight,
    admission,
    tracer: null,
    rollouts: { current: () => rollouts },
    snapshot: () => prepared.snapshot,
    attempted() {},
    hedged() {},
    waiting() {},
    canAudit: () => true,
    observes: () => true,
    feedback: (entry) => void feedback.push(entry),
    finished: (exchange) => {
      exchange.costUsd = costOfExchange(exchange, prepared.snapshot.prices);
      const result = toResult(exchange, clock.now() - exchange.receivedAt, clock.wall());
      seen.push({ exchange, result });
      waiting.get(seen.length - 1)?.({ exchange, result });
    },
    shadow,
    cache: new CachedCalls({ clock, failed() {} }),
    objects: new ObjectHomes({ store: noObjects, clock, failed() {} }),
    fault: (_exchange, error) => {
      throw error;
    },
  });
  const dataPlane = await listen(config.gateway, gateway.handle, gateway.refused);
  onTestFinished(async () => {
    dataPlane.stopAccepting();
    dataPlane.closeAll();
    await shadow.close();
    gateway.close();
    admission.close();
    await builder.close();
  });
  return {
    url: `http://${dataPlane.host}:${dataPlane.port}`,
    feedback,
    copies,
    observed: (index) =>
      seen[index] === undefined ? new Promise((resolve) => waiting.set(index, resolve)) : Promise.resolve(seen[index]),
  };
}

/** Nobody has made anything before, and nothing is kept. */
const noObjects: ObjectStore = {
  find: () => Promise.resolve([]),
  add: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  removeExpired: () => Promise.resolve(),
};
