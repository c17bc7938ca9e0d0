import type { Logger } from 'pino';
import type { AnalysisBoard } from './controller/analysis-board.ts';
import type { ShadowPair } from './core/analysis.ts';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { SubjectAllowance } from './core/principal.ts';
import type { RolloutView } from './core/rollout.ts';
import type { Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';
import { watchWorkers } from './hung-workers.ts';
import type { Outbox } from './outbox/outbox.ts';
import { controlDesk } from './control-desk.ts';
import { CountersDesk } from './counters/desk.ts';
import { LeaseDesk } from './counters/lease-desk.ts';
import { LeaseRecalls } from './counters/lease-recalls.ts';
import type { LiveSnapshot } from './live-snapshot.ts';
import type { Audit } from './open-audit.ts';
import type { OwnCounters } from './open-limits.ts';
import { SharedFigures, type Figures } from './record/figures.ts';
import type { Metrics } from './record/metrics.ts';
import { outputOf } from './record/request-log.ts';
import { SharedRequests } from './record/shared-requests.ts';
import { Reloads } from './reload-workers.ts';
import type { SnapshotSecrets } from './snapshot.ts';
import type { Beginning, Pushed, WorkerReport } from './worker-calls.ts';
import { WorkerHandle, type WorkerCounting } from './worker-handle.ts';
import { PlacePool } from './workers/place-pool.ts';
import { Supervisor } from './workers/supervisor.ts';

/** Who asks for figures or requests waits for a busy worker no longer: what it told last stands in. */
const REPORT_WITHIN: Milliseconds = 250;
/** A change that no event tells of, e.g. one that was read from the store, is taken over by then. */
const PUSH_EVERY: Milliseconds = 25;
/** For workers to close, after the time to drain. */
const CLOSING: Milliseconds = 10_000;
const PLACES_WITHIN: Milliseconds = 100;

interface WorkersParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly stores: Stores;
  readonly secrets: SnapshotSecrets;
  readonly audit: Audit;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly rollouts: RolloutView & { listen(listener: () => void): () => void };
  readonly live: LiveSnapshot;
  readonly board: AnalysisBoard;
  readonly metrics: Pick<Metrics, 'workerReplaced'>;
  /** Null: workers ask the shared counters themselves. */
  readonly counters: OwnCounters | null;
  readonly count: number;
  /** Where they listen, and what they count with. */
  readonly address: Pick<Beginning, 'host' | 'port' | 'counters'>;
  readonly remembered: number;
}

type Held = WorkerHandle & { giveBack(): Promise<number> };

/** The processes that serve, from the control process. */
export class Workers {
  readonly requests: SharedRequests;
  private readonly parts: WorkersParts;
  private readonly supervisor: Supervisor<WorkerHandle>;
  private readonly reloads: Reloads;
  private readonly places: PlacePool<Held>;
  private readonly recalls = new LeaseRecalls();
  private readonly figures = new SharedFigures<WorkerHandle>();
  private readonly latest = new Map<WorkerHandle, WorkerReport>();
  private readonly timer: NodeJS.Timeout;
  private readonly stopListening: () => void;
  private readonly stopWatching: () => void;
  private pushedRollouts: unknown = null;
  private pushed: Pushed;

  constructor(parts: WorkersParts) {
    this.parts = parts;
    const { live, rollouts, clock, count, audit } = parts;
    this.requests = new SharedRequests(parts.remembered, () => this.askForReports());
    this.places = new PlacePool(() => live.current.config.gateway.maxInflight);
    this.reloads = new Reloads({
      workers: () => this.supervisor.workers(),
      config: () => live.current.config,
      rollouts: () => rollouts.current(),
    });
    this.supervisor = new Supervisor({
      count,
      clock,
      spawn: (slot) => this.spawn(slot),
      gone: (worker) => this.gone(worker),
      died: (slot, how, delay, worker) => this.died(slot, how, delay, worker),
    });
    this.stopWatching = watchWorkers(this.supervisor, parts);
    this.pushed = this.toPush();
    this.timer = setInterval(() => this.push(), PUSH_EVERY).unref();
    this.stopListening = rollouts.listen(() => this.push());
    audit.onDrained(() => this.each((worker) => worker.channel.tell('auditDrained')));
  }

  get address(): Pick<Beginning, 'host' | 'port'> {
    return this.parts.address;
  }

  start(): Promise<void> {
    return this.supervisor.start();
  }

  /** All of them and this process, or none. @param here brings it into force in this process */
  async apply(config: Config, here: () => Promise<void>): Promise<void> {
    await this.reloads.apply(config, here);
    await this.places.shrink();
  }

  /** A key was changed: resolves when all workers that are not too busy know. */
  async keysChanged(): Promise<void> {
    const asked = this.supervisor.workers().map(({ channel }) => channel.callWithin(REPORT_WITHIN, 'keysChanged'));
    await Promise.allSettled(asked);
  }

  /** Of the keys of the store that were used: one per key. */
  allowances(): SubjectAllowance[] {
    const all = [...this.latest.values()].flatMap(({ allowances }) => allowances);
    return [...new Map(all.map((each) => [each.counter, each])).values()];
  }

  /** @param own of this process */
  async renderMetrics(own: () => Promise<Figures>): Promise<{ contentType: string; body: string }> {
    await this.askForReports();
    return this.figures.render(await own());
  }

  async pairs(rollout: string, limit: number): Promise<readonly ShadowPair[]> {
    const asked = this.supervisor.workers().map(({ channel }) => {
      return channel.callWithin(REPORT_WITHIN, 'pairs', rollout, limit);
    });
    const answers = await Promise.allSettled(asked);
    const pairs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    return pairs.sort((one, other) => other.at - one.at).slice(0, limit);
  }

  /** What readiness tells. */
  troubles(): readonly string[] {
    const told = [...this.latest.values()].flatMap(({ troubles }) => troubles);
    return [...this.supervisor.troubles(), ...new Set(told)];
  }

  get isServing(): boolean {
    return this.supervisor.serving().length > 0;
  }

  /** Lets them finish what is open, and ends those that take too long. */
  async stop(): Promise<void> {
    const { drainDelay, drain } = this.parts.live.current.config.gateway.timeouts;
    this.supervisor.release();
    this.each(({ channel }) => channel.tell('drain'));
    const timer = setTimeout(() => this.each((worker) => worker.kill()), drainDelay + drain + CLOSING);
    await this.supervisor.ended();
    clearTimeout(timer);
    this.close();
  }

  /** Where the gateway does not come up. */
  async kill(): Promise<void> {
    this.supervisor.release();
    this.each((worker) => worker.kill());
    await this.supervisor.ended();
    this.close();
  }

  private close(): void {
    clearInterval(this.timer);
    this.stopListening();
    this.stopWatching();
  }

  private died(slot: number, how: string, delay: Milliseconds, { hangs }: WorkerHandle): void {
    const { log, metrics } = this.parts;
    metrics.workerReplaced(hangs ? 'hung' : 'died');
    log.error({ worker: slot, how, hung: hangs, delayMs: delay }, 'a worker has ended; another one begins');
  }

  private leaving(worker: WorkerHandle): void {
    if (this.supervisor.leaving(worker)) this.parts.metrics.workerReplaced('left');
  }

  private spawn(slot: number): WorkerHandle {
    const { parts } = this;
    const { log } = parts;
    const handle: WorkerHandle = new WorkerHandle({
      slot,
      counting: this.countingFor((counters) => handle.channel.callWithin(PLACES_WITHIN, 'giveBackLeases', counters)),
      serve: (worker) => controlDesk({ ...parts, ...this.desk }, worker),
      log: (lines) => outputOf(log).write(lines),
    });
    this.places.join(holderOf(handle));
    handle.ready.then(
      () => log.info({ worker: slot, pid: handle.pid }, 'a worker serves'),
      () => {},
    );
    return handle;
  }

  private countingFor(giveBack: (counters: readonly string[]) => Promise<void>): WorkerCounting | null {
    const { counters, clock, count: processes } = this.parts;
    if (counters === null) return null;
    const { memory, ledger: spending } = counters;
    const leases = new LeaseDesk({ counters: memory, spending, recalls: this.recalls, clock, processes, giveBack });
    return { desk: new CountersDesk(memory, spending, clock), leases };
  }

  private readonly desk = {
    beginning: (worker: WorkerHandle) => this.beginning(worker),
    catchUp: (worker: WorkerHandle) => this.reloads.catchUp(worker),
    leaving: (worker: WorkerHandle) => this.leaving(worker),
    reported: (worker: WorkerHandle, report: WorkerReport) => this.reported(worker, report),
    takePlaces: (worker: WorkerHandle) => this.places.take(holderOf(worker)),
    others: (worker: WorkerHandle) => this.supervisor.workers().filter((each) => each !== worker),
  };

  private beginning(worker: WorkerHandle): Beginning {
    const { live, address, secrets, rollouts } = this.parts;
    worker.config = live.current.config;
    return {
      ...address,
      slot: worker.slot,
      config: live.current.config,
      logLevel: this.parts.log.level,
      secrets,
      rollouts: rollouts.current(),
      pushed: this.pushed,
    };
  }

  private reported(worker: WorkerHandle, report: WorkerReport): void {
    this.figures.tell(worker, report.figures);
    this.requests.add(report.requests);
    this.latest.set(worker, report);
  }

  private gone(worker: WorkerHandle): void {
    this.figures.gone(worker);
    this.latest.delete(worker);
    this.places.leave(holderOf(worker));
    const held = worker.counting?.desk.release() ?? 0;
    const leases = worker.counting?.leases.release() ?? 0;
    if (held + leases > 0)
      this.parts.log.warn({ worker: worker.slot, held, leases }, 'what an ended worker held of limits is free again');
  }

  private async askForReports(): Promise<void> {
    const asked = this.supervisor.workers().map(async (worker) => {
      this.reported(worker, await worker.channel.callWithin(REPORT_WITHIN, 'report'));
    });
    await Promise.allSettled(asked);
  }

  private toPush(): Pushed {
    return { patience: this.parts.board.patience, canAudit: this.parts.audit.canAudit() };
  }

  private push(): void {
    // Its rollouts come into force together with a configuration.
    if (this.reloads.isApplying) return;
    const rollouts = this.parts.rollouts.current();
    if (rollouts !== this.pushedRollouts) this.each(({ channel }) => channel.tell('rollouts', rollouts));
    this.pushedRollouts = rollouts;
    const next = this.toPush();
    if (next.canAudit === this.pushed.canAudit && next.patience === this.pushed.patience) return;
    this.pushed = next;
    this.each(({ channel }) => channel.tell('pushed', next));
  }

  private each(work: (worker: WorkerHandle) => void): void {
    for (const worker of this.supervisor.workers()) work(worker);
  }
}

/** The same object for the same worker: the pool tells them apart by it. */
function holderOf(worker: WorkerHandle): Held {
  return Object.assign(worker, { giveBack: () => worker.channel.callWithin(PLACES_WITHIN, 'giveBackPlaces') });
}
