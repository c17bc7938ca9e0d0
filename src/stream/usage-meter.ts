import type { Clock } from '../core/clock.ts';
import type { Exchange, Usage } from '../core/exchange.ts';
import { JsonDocument, JsonKind, type JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';

/**
 * Reads tokens, finish reason and the time of the first token off a stream without changing it. Works on the raw JSON
 * text: in JSON the quotes of a string value are escaped, so `"name":` can only be a member name. An event is parsed
 * only where it carries usage.
 */
export class UsageMeter implements StreamTransform {
  private readonly exchange: Exchange;
  private readonly clock: Clock;
  private readonly dialect: StreamDialect;
  private sawData = false;
  private sawOutput = false;
  private sawTerminal = false;

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
    const { data } = event;
    if (data !== '') this.read(data);
    emit(event);
  }

  flush(): void {
    // Holds nothing back.
  }

  private read(data: string): void {
    const { dialect, exchange } = this;
    this.sawData = true;
    if (!this.sawOutput && dialect.belongs(data)) this.sawOutput = true;
    if (exchange.firstTokenAt === null && dialect.carriesOutput.test(data)) exchange.firstTokenAt = this.clock.now();
    const finish = dialect.finishReason.exec(data);
    if (finish !== null) exchange.finishReason = finish[1]!;
    if (dialect.isTerminal(data)) this.sawTerminal = true;
    if (data.includes('"usage"')) this.readUsage(data);
    if (dialect.isError(data)) exchange.fail('error', 'upstream_error');
  }

  private readUsage(data: string): void {
    try {
      const document = JsonDocument.parse(data);
      for (const holder of [document.root, ...dialectHolders(document)]) addUsage(this.exchange, document, holder);
    } catch {
      // Not JSON: nothing to count. Whether such an event may pass is the redactor's decision.
    }
  }
}

/** Where usage stands: at the top, in Anthropic's `message`, in the Responses API's `response`. */
function dialectHolders(document: JsonDocument): JsonNode[] {
  return ['message', 'response'].flatMap((name) => document.member(document.root, name) ?? []);
}

/** Cumulative counts overwrite earlier ones; a count that is absent keeps its value. */
export function addUsage(exchange: Exchange, document: JsonDocument, holder: JsonNode): void {
  const node = document.member(holder, 'usage');
  if (node === null || node.kind !== JsonKind.object) return;
  const read = (...names: string[]): number | null => {
    for (const name of names) {
      const value = document.number(document.member(node, name));
      if (value !== null) return value;
    }
    return null;
  };
  const usage: Usage = (exchange.usage ??= { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 });
  usage.inputTokens = read('prompt_tokens', 'input_tokens') ?? usage.inputTokens;
  usage.outputTokens = read('completion_tokens', 'output_tokens') ?? usage.outputTokens;
  usage.cachedInputTokens = cachedTokens(document, node) ?? read('cache_read_input_tokens') ?? usage.cachedInputTokens;
}

function cachedTokens(document: JsonDocument, usage: JsonNode): number | null {
  const details = document.member(usage, 'prompt_tokens_details') ?? document.member(usage, 'input_tokens_details');
  return details === null ? null : document.number(document.member(details, 'cached_tokens'));
}

/** What a protocol's stream events look like, as tests on their JSON text. */
export interface StreamDialect {
  /** A stream without any data is incomplete, too. */
  readonly expectsOutput: boolean;
  belongs(data: string): boolean;
  /** A delta with output in it: text, reasoning, refusal or tool arguments. */
  readonly carriesOutput: RegExp;
  /** Group 1 is the reason. */
  readonly finishReason: RegExp;
  isTerminal(data: string): boolean;
  isError(data: string): boolean;
}

const NEVER = /$^/;

const chat: StreamDialect = {
  expectsOutput: true,
  belongs: (data) => data.includes('"choices"'),
  carriesOutput:
    /"(?:content|refusal|reasoning_content|reasoning|arguments|text)"\s*:\s*"[^"]|"tool_calls"\s*:\s*\[\s*\{/,
  finishReason: /"finish_reason"\s*:\s*"([a-z_]{1,40})"/,
  isTerminal: (data) => data === '[DONE]' || /"finish_reason"\s*:\s*"/.test(data),
  isError: (data) => data.startsWith('{"error"'),
};

const responses: StreamDialect = {
  expectsOutput: true,
  belongs: (data) => data.includes('"type":"response.') || data.includes('"type": "response.'),
  carriesOutput: /"type"\s*:\s*"response\.[a-z_.]+\.delta"/,
  finishReason: /"type"\s*:\s*"response\.(completed|incomplete|failed)"/,
  isTerminal: (data) => /"type"\s*:\s*"(?:response\.(?:completed|incomplete|failed)|error)"/.test(data),
  isError: (data) => /"type"\s*:\s*"(?:response\.failed|error)"/.test(data),
};

const messages: StreamDialect = {
  expectsOutput: true,
  belongs: (data) => data.includes('message_start'),
  carriesOutput: /"type"\s*:\s*"content_block_delta"/,
  finishReason: /"stop_reason"\s*:\s*"([a-z_]{1,40})"/,
  isTerminal: (data) => /"type"\s*:\s*"(?:message_stop|error)"/.test(data),
  isError: (data) => /^\s*\{\s*"type"\s*:\s*"error"/.test(data),
};

/** An endpoint whose streams are not known: nothing is read but usage. */
const unknown: StreamDialect = {
  expectsOutput: false,
  belongs: () => false,
  carriesOutput: NEVER,
  finishReason: NEVER,
  isTerminal: () => false,
  isError: () => false,
};

export function dialectOf(operation: Operation): StreamDialect {
  if (operation === 'chat' || operation === 'text_completion') return chat;
  if (operation === 'responses') return responses;
  return operation === 'messages' ? messages : unknown;
}
