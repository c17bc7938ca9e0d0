import type { RequestResult } from '../core/outcome.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Bytes } from '../core/units.ts';

/** A copy that is ready to be sent, once the request itself has its reply. */
export interface ShadowOrder {
  readonly rollout: Rollout;
  /** Whose request it is, as a pseudonym; null: nobody's in particular. */
  readonly unit: string | null;
  /** Held in memory until then. */
  readonly bytes: Bytes;
  /** In US dollars; null: no price is known. */
  readonly worstCostUsd: number | null;
  readonly target: ShadowTarget;
  send(): RunningCopy;
  /** Nothing more becomes of it: whatever it needed may go. Called exactly once. */
  done(): void;
}

/** Asked right before the copy is sent. */
interface ShadowTarget {
  readonly isCircuitClosed: boolean;
  /** A connection is free, or there are as many as there are requests. */
  readonly hasRoom: boolean;
}

export interface RunningCopy {
  /** Never rejects; where the copy was stopped nobody asks any more. */
  readonly reply: Promise<CopyReply>;
  stop(): void;
}

export interface CopyReply {
  readonly result: RequestResult;
  /** In US dollars; null: the provider may charge for it, but told no usage. */
  readonly costUsd: number | null;
}
