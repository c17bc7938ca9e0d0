import type { SseEvent } from './sse.ts';

export type EmitEvent = (event: SseEvent) => void;

/** Sees the events of one reply in order; synchronous, one instance per exchange. Throwing ends the stream, closed. */
export interface StreamTransform {
  push(event: SseEvent, emit: EmitEvent): void;
  /** Called once, after the last event: `end` where the upstream ended cleanly, `abort` where it broke off. */
  flush(reason: 'end' | 'abort', emit: EmitEvent): void;
}
