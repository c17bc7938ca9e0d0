import type { RegressionConfig } from '../core/config.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Rollout } from '../core/rollout.ts';
import { LeaseLostError, type EvidenceStore, type Lease, type LeaseStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import type { AnalysisBoard } from './analysis-board.ts';
import { REGRESSIONS, rolloutSubject, type PublishedAnalysis } from './analysis-board.ts';
import { RegressionWatch, type RegressionNote } from './regression-watch.ts';
import { RolloutWatch } from './rollout-watch.ts';
import { Steering, type SteeringDeps } from './steering.ts';

const LEASE = 'controller';
/** Others take over so long after a controller has died. */
const LEASE_TIME: Milliseconds = 5_000;
/** Somebody should lead by then, whatever happened to the one who did: the lease has run out. */
const LEADERLESS_AFTER: Milliseconds = 15_000;
/** What was judged since the last save is judged again from the log after a crash. */
const SAVE_EVERY: Milliseconds = 60_000;
const PUBLISH_EVERY: Milliseconds = 1_000;
/** Without new outcomes only the time goes on. */
const PUBLISH_IDLE_EVERY: Milliseconds = 5_000;
const BATCHES_AT_ONCE = 50;
/** Entries between two chances for requests to be served: about 3 ms. */
const ENTRIES_AT_ONCE = 500;

export interface ControllerDeps extends SteeringDeps {
  /** Of this gateway among those of the store. */
  readonly holder: string;
  readonly leases: LeaseStore;
  readonly evidence: EvidenceStore;
  readonly board: AnalysisBoard;
  regression(): RegressionConfig;
  /** @throws LeaseLostError */
  noteRegression(note: RegressionNote, fence: Lease): Promise<void>;
  /** Something that was stored makes no sense; it is left out. */
  unreadable(what: string, error: unknown): void;
  /** Lets requests be served before it goes on. */
  breathe(): Promise<void>;
}

/**
 * Judges rollouts and acts on them, on one of the gateways of a store: the one that holds the lease. It reads the outcome
 * log in order, so that a restart or another gateway goes on exactly where the evidence was saved; and each change names
 * the version that it is about, so that nothing is ever done twice.
 */
export class Controller {
  private readonly deps: ControllerDeps;
  private readonly steering: Steering;
  private lease: Lease | null = null;
  private renewAt: Milliseconds = 0;
  /** When the store told last who leads. */
  private ledAt: Milliseconds;
  private upTo = 0;
  /** What was saved before this gateway took over; empty once everybody has it. */
  private saved: ReadonlyMap<string, string> = new Map();
  /** The subjects that the store has evidence of. */
  private known: ReadonlySet<string> = new Set();
  private readonly watches = new Map<string, RolloutWatch>();
  private regression: RegressionWatch | null = null;
  private savedUpTo = -1;
  /** Something is other than it was published. */
  private hasNews = true;
  private followed: readonly Rollout[] = [];
  private nextSave: Milliseconds = 0;
  private nextPublish: Milliseconds = 0;
  private readonly published = new Set<string>();

  constructor(deps: ControllerDeps) {
    this.deps = deps;
    this.steering = new Steering(
      deps,
      () => this.lease!,
      () => (this.hasNews = true),
    );
    this.ledAt = deps.clock.now();
  }

  /** For how long nobody leads as far as is known here; null: somebody does. */
  get leaderlessFor(): Milliseconds | null {
    const time = this.deps.clock.now() - this.ledAt;
    return time > LEADERLESS_AFTER ? time : null;
  }

  get isLeader(): boolean {
    return this.lease !== null;
  }

  /** One round: reads what is new, judges, acts, tells. Never two at a time. @throws what the store throws */
  async round(): Promise<void> {
    try {
      await this.lead();
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      this.lease = null;
    }
    this.deps.board.show(await this.deps.evidence.analyses());
  }

  /** Saves what is known and lets another gateway take over at once. */
  async close(): Promise<void> {
    if (this.lease === null) return;
    await this.save(this.lease);
    await this.deps.leases.release(this.lease);
    this.lease = null;
  }

  private async lead(): Promise<void> {
    const lease = await this.heldLease();
    if (lease === null) return;
    this.followRollouts();
    await this.readLog();
    const hasActed = await this.judgeAll(lease);
    await this.tell(lease, hasActed);
  }

  /** Renewed well before it runs out, and not at each round: that would be a write each time. */
  private async heldLease(): Promise<Lease | null> {
    const { leases, holder, clock } = this.deps;
    if (this.lease !== null && clock.now() < this.renewAt) return this.lease;
    const lease = await leases.acquire(LEASE, holder, LEASE_TIME);
    if (lease !== null && lease.token !== this.lease?.token) {
      // Not the leader before it knows what was saved: else it would save over it.
      this.lease = null;
      await this.takeOver();
    }
    this.lease = lease;
    this.ledAt = clock.now();
    this.renewAt = clock.now() + LEASE_TIME / 4;
    return lease;
  }

  private async takeOver(): Promise<void> {
    const { upTo, evidence } = await this.deps.evidence.load();
    this.upTo = upTo;
    this.saved = new Map(evidence.map(({ subject, snapshot }) => [subject, snapshot]));
    this.known = new Set(this.saved.keys());
    this.watches.clear();
    this.published.clear();
    this.regression = null;
    this.nextSave = this.deps.clock.now() + SAVE_EVERY;
  }

  /** Each rollout in force has a watch, brought up to where it stands; those that are gone have none. */
  private followRollouts(): void {
    const rollouts = this.deps.rollouts.current();
    this.hasNews ||= rollouts !== this.followed;
    this.followed = rollouts;
    for (const rollout of rollouts) {
      const { name } = rollout.spec;
      let watch = this.watches.get(name);
      if (watch === undefined) {
        watch = this.newWatch(rollout);
        this.watches.set(name, watch);
      }
      watch.follow(rollout);
    }
    for (const name of this.watches.keys())
      if (!rollouts.some(({ spec }) => spec.name === name)) this.watches.delete(name);
    const config = this.deps.regression();
    if (!config.enabled) this.regression = null;
    else if (this.regression === null) this.regression = this.newRegressionWatch(config);
    else this.regression.apply(config);
  }

  /** Evidence that cannot be read, of other software perhaps, is begun anew rather than never. */
  private newWatch(rollout: Rollout): RolloutWatch {
    try {
      return new RolloutWatch(rollout, this.deps.clock, this.saved.get(rolloutSubject(rollout.spec.name)));
    } catch (error) {
      this.deps.unreadable(`the evidence of "${rollout.spec.name}"`, error);
      return new RolloutWatch(rollout, this.deps.clock);
    }
  }

  private newRegressionWatch(config: RegressionConfig): RegressionWatch {
    try {
      return new RegressionWatch(config, this.saved.get(REGRESSIONS));
    } catch (error) {
      this.deps.unreadable('what was known of the routes', error);
      return new RegressionWatch(config);
    }
  }

  private async readLog(): Promise<void> {
    for (;;) {
      const batches = await this.deps.evidence.batchesAfter(this.upTo, BATCHES_AT_ONCE);
      for (const { id, batch } of batches) {
        await this.take(this.parsed(batch));
        this.upTo = id;
        this.hasNews = true;
      }
      if (batches.length < BATCHES_AT_ONCE) return;
    }
  }

  private parsed(batch: string): readonly LogEntry[] {
    try {
      return JSON.parse(batch) as readonly LogEntry[];
    } catch (error) {
      this.deps.unreadable('a batch of outcomes', error);
      return [];
    }
  }

  private async take(entries: readonly LogEntry[]): Promise<void> {
    for (const [index, entry] of entries.entries()) {
      if (index % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) await this.deps.breathe();
      try {
        this.takeOne(entry);
      } catch (error) {
        // One that cannot be judged must not keep all others from being judged.
        this.deps.unreadable('an outcome', error);
      }
    }
  }

  private takeOne(entry: LogEntry): void {
    if (entry.kind === 'traffic') this.regression?.observe(entry);
    else if (entry.kind === 'feedback') for (const { evidence } of this.watches.values()) evidence.observe(entry);
    else {
      const watch = this.watches.get(entry.rollout);
      if (watch?.evidence.epoch !== entry.epoch) return;
      if (entry.kind !== 'pair') watch.left.add(entry);
      if (entry.kind !== 'left') watch.evidence.observe(entry);
    }
  }

  /** @returns whether anything was done */
  private async judgeAll(lease: Lease): Promise<boolean> {
    let hasActed = false;
    for (const rollout of this.deps.rollouts.current()) {
      const watch = this.watches.get(rollout.spec.name);
      if (watch !== undefined && (await this.steering.act(rollout, watch))) hasActed = true;
    }
    const { clock, noteRegression } = this.deps;
    this.regression?.tick(clock.wall() / 1000);
    for (let note = this.regression?.unsaid[0]; note !== undefined; note = this.regression?.unsaid[0]) {
      await noteRegression(note, lease);
      this.regression?.unsaid.shift();
      hasActed = true;
    }
    return hasActed;
  }

  private async tell(lease: Lease, hasActed: boolean): Promise<void> {
    const now = this.deps.clock.now();
    if (hasActed || now >= (this.hasNews ? this.nextPublish : this.nextPublish + PUBLISH_IDLE_EVERY)) {
      this.nextPublish = now + PUBLISH_EVERY;
      this.hasNews = false;
      await this.publish(lease);
    }
    if (hasActed || (now >= this.nextSave && this.upTo !== this.savedUpTo)) await this.save(lease);
  }

  private async publish(lease: Lease): Promise<void> {
    const now = this.deps.clock.wall();
    const analyses: { subject: string; analysis: string }[] = [];
    for (const rollout of this.deps.rollouts.current()) {
      const watch = this.watches.get(rollout.spec.name);
      if (watch === undefined) continue;
      const { evidence, veto, left } = watch;
      watch.follow(rollout);
      const conclusion = evidence.conclude(rollout, now / 1000);
      const analysis = evidence.analyse(rollout, conclusion, now, veto);
      const names = rollout.spec.arms.map(({ name }) => name);
      const warnings = [...analysis.warnings, ...left.warnings(names, now / 1000)];
      const told: PublishedAnalysis = { analysis: { ...analysis, warnings }, patience: evidence.patience() };
      analyses.push({ subject: rolloutSubject(rollout.spec.name), analysis: JSON.stringify(told) });
    }
    if (this.regression !== null)
      analyses.push({ subject: REGRESSIONS, analysis: JSON.stringify(this.regression.states()) });
    const gone = [...this.published].filter((subject) => !analyses.some((each) => each.subject === subject));
    await this.deps.evidence.publish(analyses, gone, lease);
    this.published.clear();
    for (const { subject } of analyses) this.published.add(subject);
  }

  private async save(lease: Lease): Promise<void> {
    this.nextSave = this.deps.clock.now() + SAVE_EVERY;
    const evidence = [...this.watches].map(([name, watch]) => ({
      subject: rolloutSubject(name),
      snapshot: JSON.stringify(watch),
    }));
    if (this.regression !== null) evidence.push({ subject: REGRESSIONS, snapshot: JSON.stringify(this.regression) });
    const kept = new Set(evidence.map(({ subject }) => subject));
    const gone = [...this.known].filter((subject) => !kept.has(subject));
    await this.deps.evidence.save(evidence, gone, this.upTo, lease);
    this.savedUpTo = this.upTo;
    this.known = kept;
    this.saved = new Map();
  }
}
