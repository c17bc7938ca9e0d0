import type { Outcome } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';
import {
  blame,
  couldBeRejected,
  findingOf,
  guardThresholds,
  segmentFindings,
  type Alarm,
  type Finding,
} from './alarms.ts';
import { createGuard } from './create-guard.ts';
import { FollowUps, type FollowUpsState } from './follow-ups.ts';
import type { Guard } from './guard.ts';
import type { JudgePlan } from './plan.ts';
import { SampleRatio, type SampleRatioState } from './sample-ratio.ts';
import { Segments, type SegmentCell, type SegmentsState } from './segments.ts';
import { UnitTable, renew, unitKey, type UnitRecord, type UnitTableState } from './unit-table.ts';
import { createWatch, type Watch } from './watch.ts';

const VERSION = 1;

/** All that the judge knows, as plain JSON; numbers come back exactly as they were. */
export interface JudgeSnapshot {
  readonly version: typeof VERSION;
  /** The guards, watches and segments that it is about. */
  readonly subject: string;
  readonly requests: number;
  readonly at: Seconds;
  readonly step: StepEvidence;
  readonly awaited: readonly [number, number];
  readonly unitsByArm: readonly [number, number];
  readonly sampleRatio: SampleRatioState;
  readonly guards: readonly unknown[];
  readonly watches: readonly unknown[];
  readonly segments: SegmentsState;
  readonly units: UnitTableState;
  readonly followUps: FollowUpsState;
  readonly alarms: readonly Alarm[];
}

interface StepEvidence {
  readonly startedAt: Seconds;
  /** Canary units that were bet on since then. */
  canaryUnits: number;
}

/**
 * Judges a canary against stable by betting on the arm that chance gave to each unit. Pure: no clock, no input or output,
 * no randomness; the same outcomes in the same order always give the same result. Memory is bounded.
 */
export class Judge {
  readonly plan: JudgePlan;
  readonly guards: readonly Guard[];
  readonly watches: readonly Watch[];
  readonly segments: Segments;
  readonly alarms: Alarm[];
  readonly thresholds: { readonly first: number; readonly later: number };
  /** Outcomes judged. */
  requests: number;
  /** The latest time of an outcome. */
  at: Seconds;
  step: StepEvidence;
  /** Units that were bet on; one that moved to the other arm counts again. */
  readonly unitsByArm: [number, number];
  private readonly sampleRatio: SampleRatio;
  private readonly units: UnitTable;
  private readonly followUps: FollowUps;
  private readonly awaited: [number, number];
  private readonly observed: boolean[];
  private readonly shares: [number, number] = [0, 0];
  private readonly segmentsOfOutcome: (readonly SegmentCell[] | null)[] = [];

  constructor(plan: JudgePlan, saved?: JudgeSnapshot) {
    this.plan = plan;
    this.guards = plan.guards.map((guard, index) => createGuard(guard, saved?.guards[index]));
    this.watches = plan.watch.map((metric, index) => createWatch(metric, saved?.watches[index]));
    this.segments = new Segments(plan.segments, this.guards, saved?.segments);
    this.thresholds = guardThresholds(plan);
    this.alarms = [...(saved?.alarms ?? [])];
    this.requests = saved?.requests ?? 0;
    this.at = saved?.at ?? 0;
    this.step = saved === undefined ? { startedAt: 0, canaryUnits: 0 } : { ...saved.step };
    this.sampleRatio = new SampleRatio(2, saved?.sampleRatio);
    this.units = new UnitTable(saved?.units);
    this.followUps = new FollowUps(this.guards, saved?.followUps);
    this.awaited = saved === undefined ? [0, 0] : [...saved.awaited];
    this.unitsByArm = saved === undefined ? [0, 0] : [...saved.unitsByArm];
    this.observed = this.guards.map(() => false);
  }

  /** @throws RangeError where the snapshot is of another version or of other guards, watches or segments */
  static restore(plan: JudgePlan, snapshot: JudgeSnapshot): Judge {
    if (snapshot.version !== VERSION || snapshot.subject !== subjectOf(plan))
      throw new RangeError('The evidence was gathered for another version or another declaration of the rollout.');
    return new Judge(plan, snapshot);
  }

  /** The e-value against "the arms get the shares of the units that they should". */
  get sampleRatioEValue(): number {
    return Math.exp(Math.min(this.sampleRatio.logE, 690));
  }

  /** Per arm: the units that it should have had since it had its last one. */
  get awaitedUnits(): readonly [number, number] {
    return this.awaited;
  }

  /** The canary got another weight: its time and its units count from now on. Also to be called before the first outcome. */
  beginStep(at: Seconds): void {
    this.step = { startedAt: at, canaryUnits: 0 };
  }

  observe(outcome: Outcome): void {
    this.requests++;
    this.read(outcome);
    const { unit, arm, probability } = outcome;
    this.awaited[arm] = 0;
    if (unit === null) {
      if (isCoin(probability)) this.betOnNew(outcome);
      return;
    }
    const key = unitKey(unit);
    const record = this.units.find(key);
    if (record === undefined) {
      if (!isCoin(probability)) return;
      this.units.add(key, arm, probability);
      this.betOnNew(outcome);
      return;
    }
    const chance = this.units.newChance(record, arm, probability);
    if (probability !== record.weight) this.endFollowUps(key, record);
    if (chance > 0) {
      renew(record, arm, probability, chance);
      this.bet(outcome, chance);
    } else if (probability === record.weight && arm === record.arm) {
      if (this.followUps.add(key, record, outcome.at, this.observed)) this.checkLater();
    }
  }

  /**
   * What was still open when the request was observed, and nothing that was observed then. Each test may bet on the draw
   * whenever it likes, once: what is new to it is a fair bet still. A unit's is its follow-up.
   */
  observeRest(outcome: Outcome): void {
    this.read(outcome);
    const { unit, arm, probability } = outcome;
    if (unit === null) {
      if (isCoin(probability)) this.betOnDraw(outcome, probability);
      return;
    }
    const key = unitKey(unit);
    const record = this.units.find(key);
    if (record?.arm !== arm || record.weight !== probability) return;
    if (this.followUps.add(key, record, outcome.at, this.observed)) this.checkLater();
  }

  /**
   * Takes in what another judge of the same plan has seen, from other units. Each bet was fair given all that went before
   * on either, so the product of the two e-values is one of all data.
   */
  absorb(other: Judge): void {
    for (const [index, guard] of this.guards.entries()) guard.absorb(other.guards[index]!);
    for (const [index, watch] of this.watches.entries()) watch.absorb(other.watches[index]!);
    this.segments.absorb(other.segments);
    this.units.absorb(other.units);
    this.followUps.absorb(other.followUps);
    this.sampleRatio.absorb(other.sampleRatio);
    this.requests += other.requests;
    this.at = Math.max(this.at, other.at);
    this.step = {
      startedAt: Math.max(this.step.startedAt, other.step.startedAt),
      canaryUnits: this.step.canaryUnits + other.step.canaryUnits,
    };
    for (const arm of [0, 1] as const) {
      this.awaited[arm] = Math.min(this.awaited[arm], other.awaited[arm]);
      this.unitsByArm[arm] += other.unitsByArm[arm];
    }
    for (const alarm of other.alarms) this.raise(alarm);
    for (let guard = 0; guard < this.guards.length; guard++) this.checkFirst(guard);
    this.checkLater();
    this.checkSegments();
  }

  /** Parts of it are still in use: to be written out before the next outcome. */
  toJSON(): JudgeSnapshot {
    return {
      version: VERSION,
      subject: subjectOf(this.plan),
      requests: this.requests,
      at: this.at,
      step: this.step,
      awaited: this.awaited,
      unitsByArm: this.unitsByArm,
      sampleRatio: this.sampleRatio.toJSON(),
      guards: this.guards.map((guard) => guard.toJSON()),
      watches: this.watches.map((watch) => watch.toJSON()),
      segments: this.segments.toJSON(),
      units: this.units.toJSON(),
      followUps: this.followUps.toJSON(),
      alarms: this.alarms,
    };
  }

  private read(outcome: Outcome): void {
    this.at = Math.max(this.at, outcome.at);
    if (this.followUps.closeDue(this.at)) this.checkLater();
    for (let index = 0; index < this.guards.length; index++) this.observed[index] = this.guards[index]!.read(outcome);
  }

  /** A unit's arm was drawn. */
  private bet(outcome: Outcome, weight: number): void {
    this.countUnit(outcome.arm, weight);
    this.betOnDraw(outcome, weight);
  }

  private betOnDraw(outcome: Outcome, weight: number): void {
    const { arm } = outcome;
    for (let dimension = 0; dimension < this.segments.dimensionCount; dimension++)
      this.segmentsOfOutcome[dimension] = this.segments.cellsOf(dimension, outcome);
    for (let index = 0; index < this.guards.length; index++)
      if (this.observed[index] === true) this.betOnGuard(index, arm, weight);
    for (let index = 0; index < this.watches.length; index++) this.watches[index]!.observe(outcome, weight);
  }

  private betOnGuard(index: number, arm: number, weight: number): void {
    const guard = this.guards[index]!;
    guard.bet(arm, weight);
    let isNear = false;
    for (let dimension = 0; dimension < this.segmentsOfOutcome.length; dimension++) {
      const cells = this.segmentsOfOutcome[dimension]!;
      if (cells === null) continue;
      const test = cells[index]!;
      guard.betInSegment(test.cell, arm, weight);
      isNear ||= couldBeRejected(this.plan, test.cell.eValue * test.weight, this.segments.all.length);
    }
    guard.learn(arm);
    this.checkFirst(index);
    if (isNear) this.checkSegments();
  }

  private endFollowUps(key: number, record: UnitRecord): void {
    record.isFollowed = true;
    this.followUps.close(key);
    this.checkLater();
  }

  /** A unit that was not seen before also counts for the shares of the units. */
  private betOnNew(outcome: Outcome): void {
    this.shares[0] = 1 - outcome.probability;
    this.shares[1] = outcome.probability;
    this.sampleRatio.count(outcome.arm, this.shares);
    this.bet(outcome, outcome.probability);
  }

  private countUnit(arm: number, weight: number): void {
    this.awaited[0] += 1 - weight;
    this.awaited[1] += weight;
    this.awaited[arm] = 0;
    this.unitsByArm[arm]!++;
    if (arm === 1) this.step.canaryUnits++;
  }

  private checkFirst(index: number): void {
    const { metric, first } = this.guards[index]!;
    const threshold = this.thresholds.first;
    if (first.eValue >= threshold && !this.isRaised(metric))
      this.raiseNow(blame(index, metric, first, threshold, this.segments));
  }

  private checkLater(): void {
    for (const { metric, later } of this.guards)
      if (later.eValue >= this.thresholds.later && !this.isRaised(metric))
        this.raiseNow(findingOf(metric, null, later, this.thresholds.later));
  }

  private checkSegments(): void {
    for (const finding of segmentFindings(this.plan, this.segments, this.guards)) this.raiseNow(finding);
  }

  private raiseNow(finding: Finding): void {
    this.raise({ ...finding, at: this.at, request: this.requests });
  }

  private raise(alarm: Alarm): void {
    const isKnown = this.alarms.some(({ metric, segment }) => metric === alarm.metric && segment === alarm.segment);
    if (!isKnown) this.alarms.push(alarm);
  }

  private isRaised(metric: string): boolean {
    return this.alarms.some((alarm) => alarm.metric === metric);
  }
}

function isCoin(probability: number): boolean {
  return probability > 0 && probability < 1;
}

function subjectOf({ guards, watch, segments }: JudgePlan): string {
  return JSON.stringify({ guards, watch, segments });
}
