import type { Exchange } from '../core/exchange.ts';
import type { FeedbackEntry, Trial, TrialReference } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';

/** Of the latest requests so many to twice as many are remembered, of a few hundred bytes each. */
const GENERATION = 32_768;

/** Ours are; another one was made up, and is not worth asking the other gateways of the store. */
const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What somebody thinks of the reply to a request. */
export interface Feedback {
  readonly requestId: string;
  readonly name: string;
  readonly value: boolean | number;
}

interface Entry {
  readonly key: string;
  readonly trials: readonly Trial[];
}

/** Which arms the latest requests were for, so that feedback finds them. Constant memory. */
export class FeedbackBook {
  private readonly capacity: number;
  private recent = new Map<string, Entry>();
  /** Replaced as a whole: entries that are removed one at a time would make the table move all the time. */
  private older = new Map<string, Entry>();

  constructor(capacity = GENERATION) {
    this.capacity = capacity;
  }

  /** A request with its arms: every one of a rollout with a goal, and of others those that are judged. */
  add({ id, keyName, trials, judged }: Exchange): void {
    if (judged.length === 0 && !trials.some(({ rollout }) => rollout.spec.goal !== null)) return;
    if (this.recent.size >= this.capacity) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(id, { key: keyName, trials });
  }

  /** What is said of its reply says nothing about the arm: the reply was an earlier request's. */
  leaveOut({ id, keyName }: Exchange): void {
    if (this.recent.has(id)) this.recent.set(id, { key: keyName, trials: [] });
  }

  /** Whether the request was served here, and may be remembered as whose it was. */
  knows(requestId: string): boolean {
    return this.find(requestId) !== undefined;
  }

  /**
   * What to tell the controller. Null: nothing can be known of the request. Its `trials` are null where another
   * gateway may have served the request. Nobody learns or changes anything about requests of another key.
   * @param key the name of the key that sent it
   */
  entryFor({ requestId, name, value }: Feedback, key: string, at: Seconds): FeedbackEntry | null {
    const entry = this.find(requestId);
    if (entry === undefined ? !REQUEST_ID.test(requestId) : entry.key !== key) return null;
    const trials = entry?.trials.map(toReference) ?? null;
    return { kind: 'feedback', requestId, at, name, value: Number(value), key, trials };
  }

  private find(requestId: string): Entry | undefined {
    return this.recent.get(requestId) ?? this.older.get(requestId);
  }
}

function toReference({ rollout, arm, unit }: Trial): TrialReference {
  return { rollout: rollout.spec.name, epoch: rollout.state.epoch, arm, unit };
}
