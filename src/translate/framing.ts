import { SseParser } from '../core/sse.ts';
import type { Framing } from './format.ts';

/** Server-sent events, as all vendors but one have them. */
export const sseFraming: Framing = {
  contentType: 'text/event-stream',
  openParser: (maxEventBytes) => new SseParser(maxEventBytes),
};
