import type { MadeIds } from '../core/object-ids.ts';
import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';

/** Tells the ids that a stream makes known; changes nothing. */
export class IdFilter implements StreamTransform {
  private readonly made: MadeIds;

  constructor(made: MadeIds) {
    this.made = made;
  }

  push(event: SseEvent, emit: EmitEvent): void {
    this.made.event(event);
    emit(event);
  }

  flush(): void {}
}
