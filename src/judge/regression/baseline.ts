import type { Seconds } from '../../core/units.ts';
import { Counts } from './counts.ts';
import type { RegressionPlan } from './plan.ts';

interface Chunk {
  readonly counts: Counts;
  readonly from: Seconds;
  /** Of the last block in it. */
  to: Seconds;
}

export interface BaselineState {
  readonly slow: string;
  readonly latest: string;
  readonly isKnown: boolean;
  readonly begunAt: Seconds | null;
  readonly waiting: SavedChunk | null;
  readonly filling: SavedChunk | null;
}

interface SavedChunk {
  readonly counts: string;
  readonly from: Seconds;
  readonly to: Seconds;
}

/**
 * What traffic used to be like. Blocks are gathered in a chunk, which waits for one more chunk to pass before it counts:
 * what is judged is never compared with itself. Older traffic is forgotten exponentially.
 */
export class Baseline {
  /** Empty while the route is still learnt. */
  readonly slow: Counts;
  /** The newest chunk of it. */
  readonly latest: Counts;
  isKnown: boolean;
  private begunAt: Seconds | null;
  private waiting: Chunk | null;
  private filling: Chunk | null;

  constructor(bins: number, saved?: BaselineState) {
    this.slow = new Counts(bins, saved?.slow);
    this.latest = new Counts(bins, saved?.latest);
    this.isKnown = saved?.isKnown ?? false;
    this.begunAt = saved?.begunAt ?? null;
    this.waiting = chunkOf(bins, saved?.waiting ?? null);
    this.filling = chunkOf(bins, saved?.filling ?? null);
  }

  /** @param scale what one request of the block counts */
  add(block: Counts, scale: number, from: Seconds, to: Seconds): void {
    this.begunAt ??= from;
    this.filling ??= { counts: new Counts(block.bins.length), from, to };
    this.filling.counts.blend(1, block, scale);
    this.filling.to = to;
  }

  /** Takes in what has waited long enough. @returns whether the baseline is another now */
  advance(plan: RegressionPlan): boolean {
    const chunk = this.filling;
    if (chunk === null || !this.isFull(chunk, plan)) return false;
    this.filling = null;
    if (!this.isKnown) {
      this.takeIn(chunk, 0);
      return true;
    }
    const due = this.waiting;
    this.waiting = chunk;
    if (due === null) return false;
    this.takeIn(due, Math.exp((-2 * (due.to - due.from)) / plan.baseline));
    return true;
  }

  /** What is gathered but does not count yet is not to count ever. */
  discardGathered(): void {
    this.waiting = null;
    this.filling = null;
  }

  /** The traffic gathered since `discardGathered` is what is usual from now on, where there is enough of it. */
  restart(plan: RegressionPlan): void {
    this.slow.clear();
    this.latest.clear();
    this.isKnown = false;
    this.waiting = null;
    this.begunAt = this.filling?.from ?? null;
    this.advance(plan);
  }

  toJSON(): BaselineState {
    return {
      slow: this.slow.toJSON(),
      latest: this.latest.toJSON(),
      isKnown: this.isKnown,
      begunAt: this.begunAt,
      waiting: savedChunk(this.waiting),
      filling: savedChunk(this.filling),
    };
  }

  private takeIn({ counts }: Chunk, keep: number): void {
    this.slow.blend(keep, counts, 1);
    this.latest.blend(0, counts, 1);
    this.isKnown = true;
  }

  /** A young baseline takes in smaller chunks, so that it follows a rising day from the first hours on. */
  private isFull({ counts, from, to }: Chunk, { lag, minimum }: RegressionPlan): boolean {
    const span = Math.min(lag, Math.max(minimum.time, from - this.begunAt!));
    return to - from >= span && counts.total >= minimum.requests;
  }
}

function chunkOf(bins: number, saved: SavedChunk | null): Chunk | null {
  return saved === null ? null : { counts: new Counts(bins, saved.counts), from: saved.from, to: saved.to };
}

function savedChunk(chunk: Chunk | null): SavedChunk | null {
  return chunk === null ? null : { counts: chunk.counts.toJSON(), from: chunk.from, to: chunk.to };
}
