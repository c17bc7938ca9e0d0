import type { JsonValue } from '../../core/rollout.ts';
import type { Block, StreamPart } from '../completion.ts';
import type { EmitPart } from '../format.ts';
import { BlockOrder } from '../block-order.ts';
import { readUrlCitation } from '../openai/citations.ts';
import { listOf, numberOrNull, objectOf, stringOrNull, wordOrNull, type JsonObject } from '../openai/fields.ts';
import { readCall, readForeign, readLogprobs, readSaid } from './read-reply.ts';
import { BETWEEN_SUMMARIES, readReasoning } from './reasoning-item.ts';

/** What was told of a block. */
interface Told {
  readonly key: string;
  text: string;
  hasCitations: boolean;
  /** Of the part of a summary, or of the thoughts themselves, that is being told. */
  section: string | null;
}

/** The items of a stream as blocks. What an event should have told and did not, the next one that repeats it tells. */
export class OutputReader {
  private readonly order = new BlockOrder(0);
  private readonly blocks = new Map<string, Told>();
  private readonly doneItems = new Set<number>();
  /** Places of the items that events told of, by their ids. */
  private readonly places = new Map<string, number>();
  hasCalls = false;

  added(event: JsonObject, emit: EmitPart): void {
    const item = objectOf(event['item']);
    const index = indexOf(event);
    this.place(item, index);
    if (item['type'] === 'reasoning') this.block(`${index}`, { kind: 'thinking', id: wordOrNull(item['id']) }, emit);
    else if (isCall(item)) this.call(index, item, emit);
  }

  /** Of a text or refusal. */
  said(event: JsonObject, kind: 'text' | 'refusal', emit: EmitPart): void {
    const told = this.block(contentKey(event), { kind }, emit);
    const logprobs = listOf(event['logprobs']);
    if (logprobs.length > 0) this.push(told, logprobsPart(logprobs), emit);
    this.text(told, stringOrNull(event['delta']) ?? '', emit);
  }

  cited(event: JsonObject, emit: EmitPart): void {
    const told = this.block(contentKey(event), { kind: 'text' }, emit);
    told.hasCitations = true;
    const citation = readUrlCitation(event['annotation'] ?? null, 'responses');
    this.push(told, { kind: 'citation', choice: 0, citation }, emit);
  }

  thought(event: JsonObject, emit: EmitPart): void {
    const told = this.block(`${indexOf(event)}`, { kind: 'thinking', id: wordOrNull(event['item_id']) }, emit);
    const section = `${numberOrNull(event['summary_index']) ?? 'content'}`;
    if (told.section !== null && told.section !== section) this.text(told, BETWEEN_SUMMARIES, emit);
    told.section = section;
    this.text(told, stringOrNull(event['delta']) ?? '', emit);
  }

  argument(event: JsonObject, emit: EmitPart): void {
    const told = this.blocks.get(`${indexOf(event)}`);
    if (told !== undefined) this.text(told, stringOrNull(event['delta']) ?? '', emit);
  }

  /** A text or refusal as a whole; its part is still to end. */
  saidWhole(event: JsonObject, kind: 'text' | 'refusal', whole: JsonValue | undefined, emit: EmitPart): void {
    if (typeof whole === 'string' && whole !== '')
      this.missing(this.block(contentKey(event), { kind }, emit), whole, emit);
  }

  argumentsWhole(event: JsonObject, whole: JsonValue | undefined, emit: EmitPart): void {
    const told = this.blocks.get(`${indexOf(event)}`);
    if (told !== undefined) this.missing(told, stringOrNull(whole) ?? '', emit);
  }

  /** A part of a message as a whole. */
  partDone(event: JsonObject, emit: EmitPart): void {
    this.endPart(contentKey(event), objectOf(event['part']), emit);
  }

  itemDone(index: number, item: JsonObject, emit: EmitPart): void {
    this.place(item, index);
    if (this.doneItems.has(index)) return;
    this.doneItems.add(index);
    const key = `${index}`;
    if (item['type'] === 'message') {
      listOf(item['content']).forEach((part, at) => this.endPart(`${index}.${at}`, objectOf(part), emit));
    } else if (item['type'] === 'reasoning') this.endReasoning(key, item, emit);
    else if (isCall(item)) {
      const told = this.call(index, item, emit);
      this.missing(told, readArguments(item), emit);
      this.order.end(key, emit);
    } else this.block(key, { kind: 'foreign', part: readForeign(item) }, emit, true);
  }

  /** Of the response as a whole: what its events have not told of it. Some servers number its items anew. */
  itemOfWhole(at: number, item: JsonObject, emit: EmitPart): void {
    const index = this.places.get(stringOrNull(item['id']) ?? '');
    if (index !== undefined) this.itemDone(index, item, emit);
    else if (!this.hasTold(at)) this.itemDone(at, item, emit);
  }

  /** All that was held back, and what nobody has ended. */
  end(emit: EmitPart): void {
    this.order.endAll(emit);
  }

  private place({ id }: JsonObject, index: number): void {
    if (typeof id === 'string' && !this.places.has(id)) this.places.set(id, index);
  }

  private hasTold(index: number): boolean {
    if (this.doneItems.has(index) || this.blocks.has(`${index}`)) return true;
    for (const key of this.blocks.keys()) if (key.startsWith(`${index}.`)) return true;
    return false;
  }

  private call(index: number, item: JsonObject, emit: EmitPart): Told {
    this.hasCalls = true;
    const { id, name, isCustom } = readCall(item);
    return this.block(`${index}`, { kind: 'tool_call', id, name, isCustom }, emit);
  }

  private endPart(key: string, part: JsonObject, emit: EmitPart): void {
    const whole = readSaid(part);
    const known = this.blocks.get(key);
    if (whole === null || (known !== undefined && !this.order.has(key))) return;
    const told = known ?? this.block(key, { kind: whole.kind }, emit);
    const logprobs = readLogprobs(part);
    if (told.text === '' && logprobs.length > 0) this.push(told, logprobsPart(logprobs), emit);
    this.missing(told, whole.text, emit);
    const citations = whole.kind === 'text' && !told.hasCitations ? whole.citations : [];
    for (const citation of citations) this.push(told, { kind: 'citation', choice: 0, citation }, emit);
    this.order.end(key, emit);
  }

  private endReasoning(key: string, item: JsonObject, emit: EmitPart): void {
    const part = readReasoning(item);
    if (part.kind !== 'thinking') return;
    const told = this.block(key, { kind: 'thinking', id: part.id }, emit);
    this.missing(told, part.text, emit);
    if (part.signature !== null) this.push(told, { kind: 'signature', choice: 0, signature: part.signature }, emit);
    this.order.end(key, emit);
  }

  private block(key: string, block: Block, emit: EmitPart, isWhole = false): Told {
    const known = this.blocks.get(key);
    if (known !== undefined) return known;
    const told: Told = { key, text: '', hasCitations: false, section: null };
    this.blocks.set(key, told);
    this.order.start(key, block, emit);
    if (isWhole) this.order.end(key, emit);
    return told;
  }

  /** What of a whole text no delta has told. */
  private missing(told: Told, whole: string, emit: EmitPart): void {
    if (whole.startsWith(told.text)) this.text(told, whole.slice(told.text.length), emit);
  }

  private text(told: Told, text: string, emit: EmitPart): void {
    if (text === '') return;
    told.text += text;
    this.push(told, { kind: 'delta', choice: 0, text }, emit);
  }

  private push({ key }: Told, part: StreamPart, emit: EmitPart): void {
    this.order.push(key, part, emit);
  }
}

function indexOf(event: JsonObject): number {
  return numberOrNull(event['output_index']) ?? 0;
}

function contentKey(event: JsonObject): string {
  return `${indexOf(event)}.${numberOrNull(event['content_index']) ?? 0}`;
}

function isCall({ type }: JsonObject): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

function readArguments(item: JsonObject): string {
  return stringOrNull(item['type'] === 'custom_tool_call' ? item['input'] : item['arguments']) ?? '';
}

function logprobsPart(content: readonly JsonValue[]): StreamPart {
  return { kind: 'logprobs', choice: 0, logprobs: { content, refusal: null } };
}
