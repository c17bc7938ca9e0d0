import type { ReplyTally, Written } from '../core/exchange.ts';
import type { Operation } from '../core/operation.ts';
import { eventType, type SseEvent } from '../core/sse.ts';
import type { Chars } from '../core/units.ts';

/** Text beyond is only measured. */
const MOST_KEPT: Chars = 256 * 1024;
/** In JSON the quotes of a text are escaped: what looks like a member is one. */
const CHAT_TEXT = /"(?:content|refusal|reasoning_content|reasoning|arguments|text|name)"\s*:\s*"((?:[^"\\]|\\.)+)"/g;
const MESSAGE_TEXT = /"(?:text|thinking|partial_json)"\s*:\s*"((?:[^"\\]|\\.)+)"/g;
const RESPONSE_TEXT = /"delta"\s*:\s*"((?:[^"\\]|\\.)+)"/g;

const TOOL_NAME = /"name"\s*:\s*"((?:[^"\\]|\\.)+)"/g;

/** Collects what a model wrote, to count its tokens where the provider does not. */
export class OutputTally implements ReplyTally {
  hasBegun = false;
  isWhole = false;
  private readonly operation: Operation;
  private kept = '';
  private chars: Chars = 0;
  private deltas = 0;
  private toldKept: Chars = 0;
  private toldChars: Chars = 0;
  private toldDeltas = 0;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  event(event: SseEvent): void {
    const { data } = event;
    if (this.operation === 'messages') this.messagesEvent(eventType(event), data);
    else if (this.operation === 'responses') this.responsesEvent(eventType(event), data);
    else this.take(data, CHAT_TEXT);
  }

  whole(reply: unknown): void {
    this.isWhole = true;
    if (typeof reply !== 'object' || reply === null) return;
    const fields = reply as Readonly<Record<string, unknown>>;
    for (const name of ['choices', 'content', 'output']) this.takeStrings(fields[name], 0);
  }

  told(): void {
    this.toldKept = this.kept.length;
    this.toldChars = this.chars;
    this.toldDeltas = this.deltas;
  }

  written(): Written {
    return { deltas: this.deltas, chars: this.chars, text: this.kept };
  }

  untold(): Written {
    const { deltas, chars, kept } = this;
    return { deltas: deltas - this.toldDeltas, chars: chars - this.toldChars, text: kept.slice(this.toldKept) };
  }

  private messagesEvent(type: string, data: string): void {
    if (type === 'content_block_delta') this.take(data, MESSAGE_TEXT);
    else if (type === 'content_block_start' && data.includes('"tool_use"')) this.take(data, TOOL_NAME);
  }

  private responsesEvent(type: string, data: string): void {
    if (type.endsWith('.delta')) this.take(data, RESPONSE_TEXT);
    else if (type === 'response.output_item.added' && data.includes('"function_call"')) this.take(data, TOOL_NAME);
  }

  private take(data: string, pattern: RegExp): void {
    for (const [, text] of data.matchAll(pattern)) {
      this.deltas++;
      this.add(text!.includes('\\') ? unescaped(text!) : text!);
    }
  }

  /** A buffered reply is counted once, with all its strings: too many rather than too few. */
  private takeStrings(value: unknown, depth: number): void {
    if (typeof value === 'string') this.add(value);
    else if (typeof value === 'object' && value !== null && depth < 64)
      for (const inner of Object.values(value)) this.takeStrings(inner, depth + 1);
  }

  private add(text: string): void {
    this.chars += text.length;
    if (this.kept.length < MOST_KEPT) this.kept += text;
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
