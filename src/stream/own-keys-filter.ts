import type { OwnKeys } from '../core/own-keys.ts';
import { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';

/** A provider that breaks off says why in an event, and may quote the key it was called with. */
export class OwnKeysFilter implements StreamTransform {
  private readonly keys: OwnKeys;

  constructor(keys: OwnKeys) {
    this.keys = keys;
  }

  push(event: SseEvent, emit: EmitEvent): void {
    const clean = this.keys.removedFrom(event.raw);
    emit(clean === event.raw ? event : new SseEvent(clean));
  }

  flush(): void {
    // Nothing is held.
  }
}
