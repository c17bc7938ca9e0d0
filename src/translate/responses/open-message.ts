import type { JsonValue } from '../../core/rollout.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { Citation } from '../conversation.ts';
import type { JsonObject } from '../openai/fields.ts';
import { eventHead, type EventSink } from './event-sink.ts';
import { messageItem } from './output-items.ts';
import { writeAnnotation } from './write-content.ts';

/** A message of a stream that is still being said; consecutive blocks are parts of one. */
export class OpenMessage {
  private readonly sink: EventSink;
  private readonly id: string;
  private readonly index: number;
  private readonly content: JsonValue[] = [];
  private isRefusal = false;
  private text = '';
  private annotations: JsonValue[] = [];
  private logprobs: JsonValue[] = [];
  /** Those that go with the next text. */
  private nextLogprobs: readonly JsonValue[] = [];
  private deltaHead = '';

  constructor(sink: EventSink, id: string, index: number, emit: EmitEvent) {
    this.sink = sink;
    this.id = id;
    this.index = index;
    this.sink.send(
      'response.output_item.added',
      { output_index: index, item: messageItem(id, [], 'in_progress') },
      emit,
    );
  }

  startPart(isRefusal: boolean, emit: EmitEvent): void {
    this.isRefusal = isRefusal;
    this.text = '';
    this.annotations = [];
    this.logprobs = [];
    this.deltaHead = eventHead(isRefusal ? 'response.refusal.delta' : 'response.output_text.delta', this.place);
    this.sink.send('response.content_part.added', { ...this.place, part: this.part }, emit);
  }

  delta(text: string, emit: EmitEvent): void {
    this.text += text;
    const logprobs = this.isRefusal ? '' : `"logprobs":${this.takeLogprobs()},`;
    this.sink.sendText(this.deltaHead, `"delta":${JSON.stringify(text)},${logprobs}`, emit);
  }

  tellLogprobs(logprobs: readonly JsonValue[]): void {
    this.nextLogprobs = [...this.nextLogprobs, ...logprobs];
  }

  cite(citation: Citation, emit: EmitEvent): void {
    for (const annotation of writeAnnotation(citation, 0, this.text.length)) {
      const annotation_index = this.annotations.push(annotation) - 1;
      const members = { ...this.place, annotation_index, annotation };
      this.sink.send('response.output_text.annotation.added', members, emit);
    }
  }

  endPart(emit: EmitEvent): void {
    this.logprobs.push(...this.nextLogprobs);
    this.nextLogprobs = [];
    const { place, part, text, logprobs } = this;
    if (this.isRefusal) this.sink.send('response.refusal.done', { ...place, refusal: text }, emit);
    else this.sink.send('response.output_text.done', { ...place, text, logprobs }, emit);
    this.sink.send('response.content_part.done', { ...place, part }, emit);
    this.content.push(part);
  }

  /** The item as a whole. */
  end(emit: EmitEvent): JsonObject {
    const item = messageItem(this.id, this.content, 'completed');
    this.sink.send('response.output_item.done', { output_index: this.index, item }, emit);
    return item;
  }

  private takeLogprobs(): string {
    if (this.nextLogprobs.length === 0) return '[]';
    const text = JSON.stringify(this.nextLogprobs);
    this.logprobs.push(...this.nextLogprobs);
    this.nextLogprobs = [];
    return text;
  }

  private get place(): JsonObject {
    return { item_id: this.id, output_index: this.index, content_index: this.content.length };
  }

  private get part(): JsonObject {
    const { text, annotations, logprobs } = this;
    return this.isRefusal ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations, logprobs };
  }
}
