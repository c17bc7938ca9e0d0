import type { TrialEntry } from './trial-outcome.ts';

/** Of the latest requests so many to twice as many are remembered. */
const GENERATION = 16_384;

interface SeenRequest {
  readonly arm: number;
  readonly unit: string | null;
  readonly key: string | undefined;
}

/** Which arm the latest requests were for, so that feedback finds them whichever gateway it was sent to. */
export class RequestArms {
  private recent = new Map<string, SeenRequest>();
  private older = new Map<string, SeenRequest>();

  add({ requestId, arm, unit, key }: TrialEntry): void {
    if (this.recent.size >= GENERATION) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(requestId, { arm, unit, key });
  }

  /** Null where it is not known, or another key's. */
  find(requestId: string, key: string): SeenRequest | null {
    const found = this.recent.get(requestId) ?? this.older.get(requestId);
    return found?.key === key ? found : null;
  }
}
