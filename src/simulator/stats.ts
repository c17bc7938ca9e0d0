import type { FaultKind } from './fault.ts';

/** What a simulator has seen since it started. */
export interface SimulatorStats {
  requests: number;
  requestsByModel: Record<string, number>;
  /** By path, such as `/v1/chat/completions`. */
  requestsByPath: Record<string, number>;
  /** The bill: the input of every request that the model was asked, whatever became of it. */
  inputTokens: number;
  /** What the model had written when its reply was over, broke off, or had nobody to read it any more. */
  outputTokens: number;
  openStreams: number;
  /** Streams that the client left before their end. */
  abortedStreams: number;
  /** Buffered replies that the client did not wait for. */
  abortedRequests: number;
  faults: Partial<Record<FaultKind, number>>;
}

/** What a reply costs, in tokens. */
export interface Bill {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One reply that is over. */
interface Settlement {
  readonly streamed: boolean;
  /** The client left first. */
  readonly aborted: boolean;
  readonly bill: Bill;
}

export class StatsBook {
  #requests = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #openStreams = 0;
  #abortedStreams = 0;
  #abortedRequests = 0;
  readonly #byModel = new Map<string, number>();
  readonly #byPath = new Map<string, number>();
  readonly #faults = new Map<FaultKind, number>();

  /** Gives the number of earlier requests for the model, or of all when there is none. */
  request(path: string, model: string | null): number {
    increment(this.#byPath, path);
    this.#requests++;
    return (model === null ? this.#requests : increment(this.#byModel, model)) - 1;
  }

  fault(kind: FaultKind): void {
    increment(this.#faults, kind);
  }

  streamOpened(): void {
    this.#openStreams++;
  }

  settle({ streamed, aborted, bill }: Settlement): void {
    if (streamed) this.#openStreams--;
    if (aborted && streamed) this.#abortedStreams++;
    if (aborted && !streamed) this.#abortedRequests++;
    this.#inputTokens += bill.inputTokens;
    this.#outputTokens += bill.outputTokens;
  }

  read(): SimulatorStats {
    return {
      requests: this.#requests,
      requestsByModel: Object.fromEntries(this.#byModel),
      requestsByPath: Object.fromEntries(this.#byPath),
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      openStreams: this.#openStreams,
      abortedStreams: this.#abortedStreams,
      abortedRequests: this.#abortedRequests,
      faults: Object.fromEntries(this.#faults),
    };
  }
}

function increment<K>(counts: Map<K, number>, key: K): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
