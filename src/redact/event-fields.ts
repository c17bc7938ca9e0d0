import type { RedactionLog } from '../core/redaction.ts';
import type { SseEvent } from '../core/sse.ts';
import { redactPlain } from './redacted-text.ts';
import type { ScanContext } from './span-settler.ts';

/** What stands in an event of a stream beside its data: comments, its name and id, fields that nobody knows. */
export class EventFields {
  private readonly context: ScanContext;
  private readonly log: RedactionLog;
  /** Of the last event: most events have the same. */
  private cleanHead = '';

  constructor(context: ScanContext, log: RedactionLog) {
    // No reader of the reply looks there for what it has asked for.
    this.context = { ...context, restoration: null };
    this.log = log;
  }

  /** Line by line, as text. The event that was given where nothing changes. @throws GatewayError `secret_detected` */
  redact(event: SseEvent): SseEvent {
    if (event.isData(this.cleanHead)) return event;
    if (this.context.rules.isClean(event.otherLines)) {
      this.cleanHead = event.head;
      return event;
    }
    let isChanged = false;
    const redacted = event.withOtherLines((line) => {
      const clean = redactPlain(this.context, line, 'response', this.log, 'a field of an event');
      isChanged ||= clean !== line;
      return clean;
    });
    return isChanged ? redacted : event;
  }
}
