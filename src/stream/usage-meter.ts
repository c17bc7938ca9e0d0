import type { Clock } from '../core/clock.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Operation } from '../core/operation.ts';
import { eventType, isDone, type SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';
import { takeUsage } from './usage.ts';

/**
 * Reads tokens, finish reason and the time of the first token off a stream without changing it. Works on the raw JSON
 * text: in JSON the quotes of a string value are escaped, so `"name":` can only be a member name. An event is parsed
 * only where it carries usage. Shows the events to the exchange's observer, too: one more transform would cost a call each.
 */
export class UsageMeter implements StreamTransform {
  private readonly exchange: Exchange;
  private readonly clock: Clock;
  private readonly dialect: StreamDialect;
  private sawData = false;
  private sawOutput = false;
  private sawTerminal = false;
  private finished = 0;
  private modelEvents = 0;

  constructor(exchange: Exchange, dialect: StreamDialect, clock: Clock) {
    this.exchange = exchange;
    this.dialect = dialect;
    this.clock = clock;
  }

  /** The stream stopped before the event that ends it: the reply is incomplete. Streams of an unknown form are not judged. */
  get isTruncated(): boolean {
    const isEmpty = !this.sawData && this.dialect.expectsOutput;
    return !this.sawTerminal && (this.sawOutput || isEmpty);
  }

  push(event: SseEvent, emit: EmitEvent): void {
    if (event.data !== '') this.read(event);
    emit(event);
  }

  flush(): void {
    // Holds nothing back.
  }

  private read(event: SseEvent): void {
    const { dialect, exchange } = this;
    this.sawData = true;
    this.sawOutput ||= dialect.belongs(event);
    if (exchange.firstTokenAt === null && dialect.carriesOutput(event)) exchange.firstTokenAt = this.clock.now();
    const reason = dialect.finishReason(event);
    if (reason !== null) {
      exchange.finishReason = reason;
      this.finished++;
    }
    // Some servers send no `[DONE]`: then the stream is complete when every choice has told why it ended.
    if (dialect.isTerminal(event) || (dialect.endsWithChoices && this.finished >= exchange.choices))
      this.sawTerminal = true;
    if (exchange.trace !== null && exchange.responseModel === '') this.readModel(event);
    if (USAGE.test(event.data)) this.readUsage(event);
    else exchange.tally?.event(event);
    if (dialect.isError(event)) exchange.fail('error', 'upstream_error');
    exchange.observer?.event(event);
    exchange.content?.event(event);
  }

  /** Mostly of the first event. One that never comes is looked for in the first ones only. */
  private readModel({ data }: SseEvent): void {
    if (this.modelEvents++ < MOST_MODEL_EVENTS) this.exchange.responseModel = MODEL.exec(data)?.[1] ?? '';
  }

  private readUsage(event: SseEvent): void {
    const { exchange } = this;
    exchange.tally?.event(event);
    try {
      if (!takeUsage(exchange, JSON.parse(event.data))) return;
    } catch {
      // Not JSON: nothing to count. Whether such an event may pass is the redactor's decision.
      return;
    }
    // Anthropic's first event tells the input, and of the output next to nothing.
    if (eventType(event) !== 'message_start') exchange.tally?.told();
  }
}

/** What a protocol's stream events look like. */
interface StreamDialect {
  /** A stream without any data is incomplete, too. */
  readonly expectsOutput: boolean;
  /** The protocol's streams may end with their last choice, without an event that says so. */
  readonly endsWithChoices: boolean;
  belongs(event: SseEvent): boolean;
  /** A delta with output in it: text, reasoning, refusal or tool arguments. */
  carriesOutput(event: SseEvent): boolean;
  /** Of the choice that ends with this event. */
  finishReason(event: SseEvent): string | null;
  /** The last event of a complete stream, or the provider's own error. */
  isTerminal(event: SseEvent): boolean;
  isError(event: SseEvent): boolean;
}

/** With figures: many servers send `"usage":null` on all chunks but the last. */
const USAGE = /"usage"\s*:\s*\{/;
const MOST_MODEL_EVENTS = 4;
const MODEL = /"model"\s*:\s*"([^"\\]{1,128})"/;
const CHAT_OUTPUT =
  /"(?:content|refusal|reasoning_content|reasoning|arguments|text)"\s*:\s*"[^"]|"tool_calls"\s*:\s*\[\s*\{/;
const CHAT_FINISH = /"finish_reason"\s*:\s*"([^"]{1,40})/;
const CHAT_ERROR = /^\s*\{\s*"error"\s*:\s*[{"]/;
const STOP_REASON = /"stop_reason"\s*:\s*"([a-z_]{1,40})"/;

const chat: StreamDialect = {
  expectsOutput: true,
  endsWithChoices: true,
  belongs: ({ data }) => data.includes('"choices"'),
  carriesOutput: ({ data }) => CHAT_OUTPUT.test(data),
  finishReason: ({ data }) => CHAT_FINISH.exec(data)?.[1] ?? null,
  isTerminal: ({ data }) => isDone(data) || CHAT_ERROR.test(data),
  isError: ({ data }) => CHAT_ERROR.test(data),
};

/** By the event's own type: an event may quote the request, whose tools and metadata hold any name. */
const responses: StreamDialect = {
  expectsOutput: true,
  endsWithChoices: false,
  belongs: (event) => eventType(event).startsWith('response.'),
  carriesOutput: (event) => eventType(event).endsWith('.delta'),
  finishReason: (event) => /^response\.(completed|incomplete|failed)$/.exec(eventType(event))?.[1] ?? null,
  isTerminal: (event) => /^(?:response\.(?:completed|incomplete|failed)|error)$/.test(eventType(event)),
  isError: (event) => /^(?:response\.failed|error)$/.test(eventType(event)),
};

const messages: StreamDialect = {
  expectsOutput: true,
  endsWithChoices: false,
  belongs: (event) => eventType(event) === 'message_start',
  carriesOutput: (event) => eventType(event) === 'content_block_delta',
  finishReason: (event) => (eventType(event) === 'message_delta' ? (STOP_REASON.exec(event.data)?.[1] ?? null) : null),
  isTerminal: (event) => /^(?:message_stop|error)$/.test(eventType(event)),
  isError: (event) => eventType(event) === 'error',
};

/** An endpoint whose streams are not known: nothing is read but usage. */
const unknown: StreamDialect = {
  expectsOutput: false,
  endsWithChoices: false,
  belongs: () => false,
  carriesOutput: () => false,
  finishReason: () => null,
  isTerminal: () => false,
  isError: () => false,
};

export function dialectOf(operation: Operation): StreamDialect {
  if (operation === 'chat' || operation === 'text_completion') return chat;
  if (operation === 'responses') return responses;
  return operation === 'messages' ? messages : unknown;
}
