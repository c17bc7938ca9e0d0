import type { SseEvent } from './sse.ts';
import type { Milliseconds } from './units.ts';

/** Where an object lives: a response, a conversation, a file, a batch. */
export interface Home {
  readonly provider: string;
  /** Which of the provider's keys made it; empty where the provider has one. */
  readonly account: string;
}

/** Whose an object is, and where it lives. */
export interface OwnedObject extends Home {
  /** As the provider gave it. */
  readonly id: string;
  /** Of whoever made it, see `tenantOf`. */
  readonly tenant: string;
  /** Wall clock; null: until it is deleted. */
  readonly expiresAt: Milliseconds | null;
}

/** Takes the ids of objects that a reply tells of while it passes. */
export interface MadeIds {
  /** @param reply parsed */
  whole(reply: unknown): void;
  event(event: SseEvent): void;
}
