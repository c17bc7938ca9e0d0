import { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';

/** The chunk that carries nothing else. @source https://platform.openai.com/docs/api-reference/chat/create (stream_options) */
const USAGE_CHUNK = /"choices"\s*:\s*\[\s*\]/;
const USAGE_FIGURES = /"usage"\s*:\s*\{/;
/** On all other chunks; in JSON the quotes of a text are escaped, so it can only be a member. */
const NO_USAGE = /,\s*"usage"\s*:\s*null(?=\s*[,}])/;

/** Takes out of a chat stream what it holds only because the gateway asked for its usage. */
export class UsageFilter implements StreamTransform {
  push(event: SseEvent, emit: EmitEvent): void {
    const { data } = event;
    if (USAGE_FIGURES.test(data) && USAGE_CHUNK.test(data)) return;
    if (!NO_USAGE.test(data)) return emit(event);
    emit(new SseEvent(Buffer.from(event.raw.toString('utf8').replace(NO_USAGE, ''), 'utf8')));
  }

  flush(): void {
    // Holds nothing.
  }
}
