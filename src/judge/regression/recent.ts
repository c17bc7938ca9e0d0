import { Counts } from './counts.ts';

/** The recent window holds so many blocks and requests, up to twice as many. */
const BLOCKS = 8;
const REQUESTS = 100;
const MAX_SAMPLES = 5;

export interface RecentState {
  readonly older: string;
  readonly newer: string;
  readonly blocks: number;
  readonly olderSamples: readonly string[];
  readonly newerSamples: readonly string[];
}

/** The last blocks of a metric, for display: two halves, of which the older one is dropped when the newer one is full. */
export class Recent {
  private older: Counts;
  private newer: Counts;
  private blocks: number;
  private olderSamples: string[];
  private newerSamples: string[];

  constructor(bins: number, saved?: RecentState) {
    this.older = new Counts(bins, saved?.older);
    this.newer = new Counts(bins, saved?.newer);
    this.blocks = saved?.blocks ?? 0;
    this.olderSamples = [...(saved?.olderSamples ?? [])];
    this.newerSamples = [...(saved?.newerSamples ?? [])];
  }

  /** Requests of the last blocks that show a change, the newest ones. */
  get samples(): readonly string[] {
    return [...this.olderSamples, ...this.newerSamples].slice(-MAX_SAMPLES);
  }

  /** Of both halves. */
  counts(): number[] {
    return this.older.bins.map((count, bin) => count + this.newer.bins[bin]!);
  }

  add(block: Counts, scale: number): void {
    this.newer.blend(1, block, scale);
    this.blocks++;
    if (this.blocks < BLOCKS || this.newer.total < REQUESTS) return;
    this.blocks = 0;
    this.older = this.newer;
    this.newer = new Counts(block.bins.length);
    this.olderSamples = this.newerSamples;
    this.newerSamples = [];
  }

  sample(requestId: string): void {
    if (this.newerSamples.length < MAX_SAMPLES) this.newerSamples.push(requestId);
  }

  /** They showed another thing than what is asked about now. */
  dropSamples(): void {
    this.olderSamples = [];
    this.newerSamples = [];
  }

  toJSON(): RecentState {
    const { blocks, olderSamples, newerSamples } = this;
    return { older: this.older.toJSON(), newer: this.newer.toJSON(), blocks, olderSamples, newerSamples };
  }
}
