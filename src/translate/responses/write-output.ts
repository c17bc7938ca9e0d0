import type { JsonValue } from '../../core/rollout.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { Block, StreamPart } from '../completion.ts';
import type { ReplyContext } from '../format.ts';
import { CallIds } from '../openai/call-ids.ts';
import { listOf, objectOf, type JsonObject } from '../openai/fields.ts';
import type { EventSink } from './event-sink.ts';
import { OpenCall, OpenReasoning } from './open-items.ts';
import { OpenMessage } from './open-message.ts';
import { itemId } from './output-items.ts';
import { writeReasoning } from './reasoning-item.ts';

type ChoicePart = Exclude<Extract<StreamPart, { choice: number }>, { kind: 'finish' }>;

/** The items of a stream, one open at a time. */
export class OutputWriter {
  private readonly context: ReplyContext;
  private readonly sink: EventSink;
  private readonly ids: CallIds;
  private readonly output: JsonValue[] = [];
  private open: OpenMessage | OpenReasoning | OpenCall | null = null;
  /** Told before the text that they are of. */
  private logprobs: readonly JsonValue[] = [];

  constructor(context: ReplyContext, sink: EventSink) {
    this.context = context;
    this.sink = sink;
    this.ids = new CallIds(context);
  }

  /** Items that have ended. */
  get done(): readonly JsonValue[] {
    return this.output;
  }

  push(part: ChoicePart, emit: EmitEvent): void {
    const { open } = this;
    if (part.kind === 'delta') this.delta(part.text, emit);
    else if (part.kind === 'block_start') this.start(part.block, emit);
    else if (part.kind === 'block_end') this.endBlock(emit);
    else if (part.kind === 'logprobs') this.tellLogprobs(listOf(objectOf(part.logprobs)['content']));
    else if (part.kind === 'signature' && open instanceof OpenReasoning) open.signature = part.signature;
    else if (part.kind === 'citation' && open instanceof OpenMessage) open.cite(part.citation, emit);
  }

  /** All items, the open one ended. */
  end(emit: EmitEvent): readonly JsonValue[] {
    this.endItem(emit);
    return this.output;
  }

  private start(block: Block, emit: EmitEvent): void {
    if (block.kind === 'text' || block.kind === 'refusal') {
      this.message(emit).startPart(block.kind === 'refusal', emit);
      return;
    }
    this.endItem(emit);
    if (block.kind === 'thinking') {
      this.open = new OpenReasoning(this.sink, block.id ?? this.nextId('rs'), this.output.length, emit);
    } else if (block.kind === 'tool_call') {
      const call = { ...block, id: this.ids.next(block.id) };
      const id = this.nextId(call.isCustom ? 'ctc' : 'fc');
      this.open = new OpenCall(this.sink, id, this.output.length, call, emit);
    } else if (block.kind === 'hidden_thinking') {
      this.whole(writeReasoning({ kind: 'hidden_thinking', data: block.data }, this.nextId('rs')), emit);
    } else if (block.part.wire === 'responses') this.whole(objectOf(block.part.value), emit);
  }

  private message(emit: EmitEvent): OpenMessage {
    if (this.open instanceof OpenMessage) return this.open;
    this.endItem(emit);
    const message = new OpenMessage(this.sink, this.nextId('msg'), this.output.length, emit);
    this.open = message;
    return message;
  }

  private delta(text: string, emit: EmitEvent): void {
    const { open } = this;
    if (open instanceof OpenMessage && this.logprobs.length > 0) {
      open.tellLogprobs(this.logprobs);
      this.logprobs = [];
    }
    open?.delta(text, emit);
  }

  private tellLogprobs(logprobs: readonly JsonValue[]): void {
    this.logprobs = [...this.logprobs, ...logprobs];
  }

  /** A message goes on with the next text. */
  private endBlock(emit: EmitEvent): void {
    if (this.open instanceof OpenMessage) {
      if (this.logprobs.length > 0) this.open.tellLogprobs(this.logprobs);
      this.logprobs = [];
      this.open.endPart(emit);
    } else this.endItem(emit);
  }

  private endItem(emit: EmitEvent): void {
    if (this.open !== null) this.output.push(this.open.end(emit));
    this.open = null;
  }

  private whole(item: JsonObject, emit: EmitEvent): void {
    const output_index = this.output.push(item) - 1;
    this.sink.send('response.output_item.added', { output_index, item }, emit);
    this.sink.send('response.output_item.done', { output_index, item }, emit);
  }

  private nextId(prefix: string): string {
    return itemId(prefix, this.context, this.output.length);
  }
}
