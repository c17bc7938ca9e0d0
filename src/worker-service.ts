import type { Logger } from 'pino';
import type { ShadowPair } from './core/analysis.ts';
import type { Config } from './core/config.ts';
import type { FeedbackEntry } from './core/outcome.ts';
import type { Rollout } from './core/rollout.ts';
import type { TranslatedItem } from './core/translation.ts';
import type { Milliseconds } from './core/units.ts';
import type { LeasedCounters } from './counters/leased-counters.ts';
import type { WireAnswers } from './counters/lease-wire.ts';
import { drain } from './drain.ts';
import type { Gateway } from './gateway.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import { listen, type DataPlane } from './ingress/server.ts';
import type { RequestAudit } from './open-audit.ts';
import type { InflightLimit } from './policy/admit.ts';
import type { Metrics } from './record/metrics.ts';
import type { RequestBatch } from './record/shared-requests.ts';
import type { ShadowTraffic } from './shadow/shadow-traffic.ts';
import type { Beginning, Pushed, WorkerReport } from './worker-calls.ts';
import type { WorkerSnapshot } from './worker-snapshot.ts';
import type { ControlChannel } from './worker-stores.ts';
import type { FollowedRollouts } from './workers/followed-rollouts.ts';
import type { PlaceLease } from './workers/place-lease.ts';

/** What a crash loses of figures and requests. */
const REPORT_EVERY: Milliseconds = 1_000;
/** At the end: a control process that is stuck must not hold it. */
const LAST_REPORT_WITHIN: Milliseconds = 2_000;

export interface WorkerParts {
  readonly channel: ControlChannel;
  readonly log: Logger;
  readonly pushed: { current: Pushed };
  readonly rollouts: FollowedRollouts;
  readonly lease: PlaceLease;
  /** Of limits; null: they are not counted in the control process. */
  readonly leased: LeasedCounters | null;
  readonly inflight: InflightLimit;
  readonly storedKeys: StoredKeys;
  readonly live: WorkerSnapshot;
  readonly audit: RequestAudit & { drained(): void };
  readonly metrics: Metrics;
  readonly shadow: ShadowTraffic;
  readonly recent: RequestBatch;
  readonly gateway: Gateway;
}

/** A worker as the control process steers it. */
export class WorkerService {
  private readonly parts: WorkerParts;
  private readonly opened: AsyncDisposableStack;
  private dataPlane: DataPlane | null = null;
  private finishing: Promise<void> | null = null;

  constructor(parts: WorkerParts, opened: AsyncDisposableStack) {
    this.parts = parts;
    this.opened = opened;
  }

  /** @throws Error where the address cannot be bound */
  async listen({ host, port }: Beginning): Promise<void> {
    const { gateway, live, channel } = this.parts;
    const { timeouts } = live.current.config.gateway;
    const dataPlane = await listen({ host, port, timeouts }, gateway.handle, gateway.refused, true);
    this.dataPlane = dataPlane;
    let isReporting = false;
    const timer = setInterval(() => {
      if (isReporting) return;
      isReporting = true;
      const reported = this.report().then((report) => channel.call('report', report));
      reported.catch(() => {}).finally(() => (isReporting = false));
    }, REPORT_EVERY).unref();
    this.opened.defer(() => {
      clearInterval(timer);
      dataPlane.stopAccepting();
      dataPlane.closeAll();
    });
  }

  prepare(config: Config): Promise<void> {
    return this.parts.live.prepare(config);
  }

  commit(rollouts: readonly Rollout[]): void {
    const { live, log } = this.parts;
    const before = live.current.config.log.level;
    live.commit(rollouts);
    const { gateway, log: configured } = live.current.config;
    this.dataPlane?.apply(gateway);
    if (configured.level !== before) log.level = configured.level;
  }

  discard(): Promise<void> {
    return this.parts.live.discard();
  }

  takeRollouts(rollouts: readonly Rollout[]): void {
    this.parts.rollouts.take(rollouts);
  }

  takePushed(pushed: Pushed): void {
    this.parts.pushed.current = pushed;
  }

  auditDrained(): void {
    this.parts.audit.drained();
  }

  keysChanged(): Promise<void> {
    return this.parts.storedKeys.poll();
  }

  leaseAnswers(answers: WireAnswers): void {
    this.parts.leased?.answered(answers);
  }

  giveBackLeases(counters: readonly string[]): void {
    this.parts.leased?.giveBack(counters);
  }

  giveBackPlaces(): number {
    const { lease, inflight } = this.parts;
    return lease.giveBack(inflight.claimed);
  }

  async report(): Promise<WorkerReport> {
    const { metrics, recent, storedKeys, audit } = this.parts;
    const figures = await metrics.figures();
    return { figures, requests: recent.take(), allowances: storedKeys.allowances(), troubles: audit.troubles() };
  }

  pairs(rollout: string, limit: number): readonly ShadowPair[] {
    return this.parts.shadow.pairs(rollout, limit);
  }

  feedbackFor(entry: FeedbackEntry): FeedbackEntry | null | undefined {
    return this.parts.gateway.feedbackFor(entry);
  }

  itemsOf(caller: string, ids: readonly string[]): readonly TranslatedItem[] {
    return this.parts.gateway.itemsOf(caller, ids);
  }

  /** It was told to stop by others than the control process: another worker takes its place while it finishes. */
  leave(): void {
    if (this.finishing !== null) return;
    this.parts.channel.tell('leaving');
    void this.finish(0);
  }

  /** Lets open requests end within the time to drain, hands over what is left, and ends the process. */
  finish(drainDelay = this.parts.live.current.config.gateway.timeouts.drainDelay): Promise<void> {
    return (this.finishing ??= this.end(drainDelay));
  }

  private async end(drainDelay: Milliseconds): Promise<void> {
    const { live, inflight, gateway, log, channel } = this.parts;
    const timeouts = { ...live.current.config.gateway.timeouts, drainDelay };
    await drain({ timeouts, inflight, dataPlane: this.dataPlane!, gateway, log });
    await this.opened.disposeAsync();
    await channel.callWithin(LAST_REPORT_WITHIN, 'report', await this.report()).catch(() => {});
    process.exit(0);
  }
}
