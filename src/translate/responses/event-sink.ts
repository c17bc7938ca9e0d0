import { SseEvent } from '../../core/sse.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { JsonObject } from '../openai/fields.ts';

/** Numbers the events of one stream. */
export class EventSink {
  private sequence = 0;

  send(type: string, members: JsonObject, emit: EmitEvent): void {
    const data = JSON.stringify({ type, ...members, sequence_number: this.sequence++ });
    emit(new SseEvent(Buffer.from(`event: ${type}\ndata: ${data}\n\n`)));
  }

  /** The same from text that was made once. @param head `event: ... data: {"type":...,` @param members JSON, with a comma at its end */
  sendText(head: string, members: string, emit: EmitEvent): void {
    emit(new SseEvent(Buffer.from(`${head}${members}"sequence_number":${this.sequence++}}\n\n`)));
  }
}

/** For `sendText`. */
export function eventHead(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members }).slice(0, -1)},`;
}
