import type { EmitEvent } from '../../core/stream-transform.ts';
import type { Block } from '../completion.ts';
import type { Signature } from '../conversation.ts';
import type { JsonObject } from '../openai/fields.ts';
import { eventHead, type EventSink } from './event-sink.ts';
import { callItem } from './output-items.ts';
import { writeReasoning } from './reasoning-item.ts';

/** Thinking of a stream, told as a summary. */
export class OpenReasoning {
  private readonly sink: EventSink;
  private readonly id: string;
  private readonly index: number;
  private readonly deltaHead: string;
  private text = '';
  signature: Signature | null = null;

  constructor(sink: EventSink, id: string, index: number, emit: EmitEvent) {
    this.sink = sink;
    this.id = id;
    this.index = index;
    this.deltaHead = eventHead('response.reasoning_summary_text.delta', this.place);
    this.sink.send('response.output_item.added', { output_index: index, item: this.item }, emit);
  }

  delta(text: string, emit: EmitEvent): void {
    if (this.text === '') {
      const part = { type: 'summary_text', text: '' };
      this.sink.send('response.reasoning_summary_part.added', { ...this.place, part }, emit);
    }
    this.text += text;
    this.sink.sendText(this.deltaHead, `"delta":${JSON.stringify(text)},`, emit);
  }

  end(emit: EmitEvent): JsonObject {
    const { text, place, item } = this;
    if (text !== '') {
      this.sink.send('response.reasoning_summary_text.done', { ...place, text }, emit);
      const part = { type: 'summary_text', text };
      this.sink.send('response.reasoning_summary_part.done', { ...place, part }, emit);
    }
    this.sink.send('response.output_item.done', { output_index: this.index, item }, emit);
    return item;
  }

  private get place(): JsonObject {
    return { item_id: this.id, output_index: this.index, summary_index: 0 };
  }

  private get item(): JsonObject {
    const { id, text, signature } = this;
    return writeReasoning({ kind: 'thinking', text, signature, id }, id);
  }
}

type CallBlock = Extract<Block, { kind: 'tool_call' }>;

/** A call of a stream. */
export class OpenCall {
  private readonly sink: EventSink;
  private readonly id: string;
  private readonly index: number;
  private readonly call: CallBlock;
  private readonly eventName: string;
  private readonly deltaHead: string;
  private text = '';

  /** @param call with the id that its result will name */
  constructor(sink: EventSink, id: string, index: number, call: CallBlock, emit: EmitEvent) {
    this.sink = sink;
    this.id = id;
    this.index = index;
    this.call = call;
    this.eventName = call.isCustom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
    this.deltaHead = eventHead(`${this.eventName}.delta`, this.place);
    const item = callItem(id, call, '', 'in_progress');
    this.sink.send('response.output_item.added', { output_index: index, item }, emit);
  }

  delta(text: string, emit: EmitEvent): void {
    this.text += text;
    this.sink.sendText(this.deltaHead, `"delta":${JSON.stringify(text)},`, emit);
  }

  end(emit: EmitEvent): JsonObject {
    const { call, id, index, place } = this;
    if (this.text === '' && !call.isCustom) this.delta('{}', emit);
    const told = call.isCustom ? { input: this.text } : { name: call.name, arguments: this.text };
    this.sink.send(`${this.eventName}.done`, { ...place, ...told }, emit);
    const item = callItem(id, call, this.text, 'completed');
    this.sink.send('response.output_item.done', { output_index: index, item }, emit);
    return item;
  }

  private get place(): JsonObject {
    return { item_id: this.id, output_index: this.index };
  }
}
