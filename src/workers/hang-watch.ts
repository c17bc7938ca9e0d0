import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';
import { longestWait, type CpuWaits } from './cpu-waits.ts';

interface HangWatchDeps<W> {
  readonly clock: Clock;
  /** Whoever has been heard of; those that finish what they have, too. */
  workers(): readonly W[];
  /** Resolves when the worker's event loop has turned. Rejects where it is gone. */
  ask(worker: W): Promise<unknown>;
  /** Asked of those only that do not answer. Null: nobody knows. */
  cpuWaits(worker: W): CpuWaits | null;
  /** A worker that has not answered for so long hangs; null: none ever does. */
  patience(): Milliseconds | null;
  /** It has not answered for a third of that; once for each question. */
  slow(worker: W, silence: Milliseconds): void;
  /** Once. */
  hangs(worker: W, silence: Milliseconds): void;
}

interface Question {
  /** In time that the process that asks was awake for, and that the worker did not wait for a processor. */
  silence: Milliseconds;
  /** When it was last looked for an answer; undefined: that was not yet. */
  waits: CpuWaits | null | undefined;
  told: 'nothing' | 'slow' | 'hangs';
}

/** How often `look` is to be called. */
export const LOOK_EVERY: Milliseconds = 1_000;
/** Called later than this, the process that asks was held up itself: what it has not heard says nothing then. */
const LATE: Milliseconds = 250;

/**
 * Finds workers whose event loop does not turn any more. One question at a time is open for each; an answer to it comes between
 * two pieces of work, so that a worker has to be busy with one piece for as long as there is patience to be taken for one that hangs;
 * time that the machine gave to others is not its own.
 */
export class HangWatch<W> {
  private readonly deps: HangWatchDeps<W>;
  private readonly open = new Map<W, Question>();
  private lookedAt: Milliseconds;

  constructor(deps: HangWatchDeps<W>) {
    this.deps = deps;
    this.lookedAt = deps.clock.now();
  }

  look(): void {
    const now = this.deps.clock.now();
    const since = now - this.lookedAt;
    this.lookedAt = now;
    // A machine that slept, or that has no time for anybody: a hang is found later then, and never found where there is none.
    const counted = since > LOOK_EVERY + LATE ? 0 : since;
    for (const worker of this.deps.workers()) {
      const question = this.open.get(worker);
      if (question === undefined) this.ask(worker);
      else this.wait(worker, question, counted);
    }
  }

  private ask(worker: W): void {
    this.open.set(worker, { silence: 0, waits: undefined, told: 'nothing' });
    const answered = (): void => void this.open.delete(worker);
    this.deps.ask(worker).then(answered, answered);
  }

  private wait(worker: W, question: Question, counted: Milliseconds): void {
    const before = question.waits;
    question.waits = this.deps.cpuWaits(worker);
    if (before === undefined) return;
    question.silence += Math.max(0, counted - longestWait(before, question.waits));
    const patience = this.deps.patience();
    if (patience === null || question.told === 'hangs') return;
    if (question.silence >= patience) {
      question.told = 'hangs';
      this.deps.hangs(worker, question.silence);
    } else if (question.silence >= patience / 3 && question.told === 'nothing') {
      question.told = 'slow';
      this.deps.slow(worker, question.silence);
    }
  }
}
