import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';

/** A process that serves, or is about to. */
export interface SupervisedWorker {
  /** Rejects with what it says is wrong, or when it ends before. */
  readonly ready: Promise<void>;
  /** How it ended, e.g. `signal SIGKILL`. Never rejects. */
  readonly exited: Promise<string>;
}

interface SupervisorDeps<W extends SupervisedWorker> {
  readonly count: number;
  readonly clock: Clock;
  /** @param slot 1 to `count`; a replacement has the slot of the one that it replaces */
  spawn(slot: number): W;
  /** One that is not there any more, however it ended. */
  gone(worker: W): void;
  /** One ended that should not have; another is started after `delay`. */
  died(slot: number, how: string, delay: Milliseconds, worker: W): void;
  readonly after?: (delay: Milliseconds, callback: () => void) => { unref(): unknown };
}

interface Slot<W> {
  readonly number: number;
  worker: W | null;
  isReady: boolean;
  readyAt: Milliseconds;
  /** In a row. */
  failures: number;
  problem: string;
}

/** Who has served for so long did not die of its start. */
const STEADY: Milliseconds = 10_000;
const FIRST_DELAY: Milliseconds = 100;
const MAX_DELAY: Milliseconds = 10_000;
/** Readiness tells of one that has failed so often in a row. */
const TOLD_FROM = 3;

/** Keeps as many workers as there should be: one that dies is replaced at once, later each time where that does not help. */
export class Supervisor<W extends SupervisedWorker> {
  private readonly deps: SupervisorDeps<W>;
  private readonly slots: readonly Slot<W>[];
  private readonly after: NonNullable<SupervisorDeps<W>['after']>;
  /** Those that finish what they have, too. */
  private readonly alive = new Set<W>();
  private replaces = false;

  constructor(deps: SupervisorDeps<W>) {
    this.deps = deps;
    this.after = deps.after ?? ((delay, callback) => setTimeout(callback, delay));
    this.slots = Array.from({ length: deps.count }, (_, index) => ({
      number: index + 1,
      worker: null,
      isReady: false,
      readyAt: 0,
      failures: 0,
      problem: '',
    }));
  }

  /** Rejects where one does not become ready: at a start nothing is tried twice. */
  async start(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.begin(slot).ready));
    this.replaces = true;
  }

  /** Every process there is: starting, serving and finishing. */
  workers(): readonly W[] {
    return [...this.alive];
  }

  /** Those that take new requests. */
  serving(): readonly W[] {
    return this.slots.flatMap(({ worker, isReady }) => (worker !== null && isReady ? [worker] : []));
  }

  /**
   * It takes no new requests any more: another one begins in its place while it finishes.
   * @returns whether one begins
   */
  leaving(worker: W): boolean {
    const slot = this.slots.find((each) => each.worker === worker);
    if (slot === undefined || !this.replaces) return false;
    slot.worker = null;
    this.begin(slot);
    return true;
  }

  /** What readiness tells. */
  troubles(): readonly string[] {
    return this.slots
      .filter(({ failures, isReady }) => failures >= TOLD_FROM && !isReady)
      .map(({ number, failures, problem }) => `worker ${number} has failed ${failures} times in a row: ${problem}`);
  }

  /** From now on nobody is replaced. */
  release(): void {
    this.replaces = false;
  }

  /** Resolves when all have ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.alive].map(({ exited }) => exited));
  }

  private begin(slot: Slot<W>): W {
    const worker = this.deps.spawn(slot.number);
    slot.worker = worker;
    slot.isReady = false;
    this.alive.add(worker);
    worker.ready.then(
      () => this.isUp(slot, worker),
      (error: unknown) => void (slot.problem = error instanceof Error ? error.message : String(error)),
    );
    void worker.exited.then((how) => this.hasEnded(slot, worker, how));
    return worker;
  }

  private isUp(slot: Slot<W>, worker: W): void {
    if (slot.worker !== worker) return;
    slot.isReady = true;
    slot.readyAt = this.deps.clock.now();
  }

  private hasEnded(slot: Slot<W>, worker: W, how: string): void {
    this.alive.delete(worker);
    this.deps.gone(worker);
    if (slot.worker !== worker) return;
    const wasSteady = slot.isReady && this.deps.clock.now() - slot.readyAt >= STEADY;
    if (slot.isReady) slot.problem = how;
    slot.worker = null;
    slot.isReady = false;
    slot.failures = wasSteady ? 1 : slot.failures + 1;
    if (this.replaces) this.beginLater(slot, how, worker);
  }

  private beginLater(slot: Slot<W>, how: string, ended: W): void {
    const delay = slot.failures === 1 ? 0 : Math.min(MAX_DELAY, FIRST_DELAY * 2 ** (slot.failures - 2));
    this.deps.died(slot.number, how, delay, ended);
    if (delay === 0) return void this.begin(slot);
    this.after(delay, () => {
      if (this.replaces && slot.worker === null) this.begin(slot);
    }).unref();
  }
}
