import type { ReplyTally } from '../core/exchange.ts';
import type { Operation } from '../core/operation.ts';
import { eventType, type SseEvent } from '../core/sse.ts';
import type { Chars } from '../core/units.ts';

/** Text beyond is only measured. */
const MOST_KEPT: Chars = 256 * 1024;
/** In JSON the quotes of a text are escaped: what looks like a member is one. */
const CHAT_TEXT = /"(?:content|refusal|reasoning_content|reasoning|arguments|text|name)"\s*:\s*"((?:[^"\\]|\\.)+)"/g;
const MESSAGE_TEXT = /"(?:text|thinking|partial_json)"\s*:\s*"((?:[^"\\]|\\.)+)"/g;
const RESPONSE_TEXT = /"delta"\s*:\s*"((?:[^"\\]|\\.)+)"/g;

/** Collects what a model wrote, to count its tokens where the provider does not. */
export class OutputTally implements ReplyTally {
  hasBegun = false;
  isFinal = false;
  private readonly operation: Operation;
  private kept = '';
  private chars: Chars = 0;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  event(event: SseEvent): void {
    const { data } = event;
    if (this.operation === 'messages') {
      if (eventType(event) === 'content_block_delta') this.take(data, MESSAGE_TEXT);
    } else if (this.operation === 'responses') {
      if (eventType(event).endsWith('.delta')) this.take(data, RESPONSE_TEXT);
    } else this.take(data, CHAT_TEXT);
  }

  whole(reply: unknown): void {
    if (typeof reply !== 'object' || reply === null) return;
    const fields = reply as Readonly<Record<string, unknown>>;
    for (const name of ['choices', 'content', 'output']) this.takeStrings(fields[name], 0);
  }

  tokens(count: (text: string) => number): number {
    if (this.chars === 0) return 0;
    return Math.ceil((count(this.kept) * this.chars) / Math.max(1, this.kept.length));
  }

  private take(data: string, pattern: RegExp): void {
    for (const [, text] of data.matchAll(pattern)) this.add(text!.includes('\\') ? unescaped(text!) : text!);
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
