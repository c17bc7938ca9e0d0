import type { SseEvent } from '../../core/sse.ts';
import type { JsonValue } from '../../core/rollout.ts';
import type { Block, Finish, StreamPart } from '../completion.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { BlockOrder } from '../block-order.ts';
import { isObject, numberOf, objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitation } from './citations.ts';
import { readStreamError } from './errors.ts';
import { readFinish } from './finish.ts';
import { callOf } from './read-reply.ts';
import { mergeUsage, readUsage } from './usage.ts';

const BAD_GATEWAY = 502;
const CHOICE = 0;

/** What has come of an open block. */
type Open = { readonly key: string } & (
  | { readonly kind: 'text' | 'thinking' | 'hidden_thinking' }
  /** `input`: of the block's start, told where no fragment follows. */
  | { readonly kind: 'tool_call'; readonly input: JsonValue | undefined; hasArguments: boolean }
  /** Told whole, when it is. */
  | { readonly kind: 'foreign'; value: JsonObject; input: string }
);

/**
 * Reads by the `type` in the data, which every event has; events and deltas that are not known are left out. Blocks are told
 * apart by their index: Anthropic ends one before the next, servers that follow it do not always.
 */
export class MessagesStreamReader implements StreamReader {
  private readonly order = new BlockOrder(CHOICE);
  private readonly open = new Map<number, Open>();
  private blocks = 0;
  private usage: JsonObject = {};
  private finish: Finish | null = null;
  private hasStarted = false;
  private isOver = false;

  push(event: SseEvent, emit: EmitPart): void {
    const { data } = event;
    if (this.isOver || data === '') return;
    const value = parseJson(data);
    if (isObject(value)) this.read(value, emit);
    else this.fail(emit);
  }

  /** A finish that was told is one, even where the last event is missing. */
  flush(emit: EmitPart): void {
    if (!this.isOver && this.finish !== null) this.end(emit);
  }

  private read(event: JsonObject, emit: EmitPart): void {
    switch (event['type']) {
      case 'content_block_delta': {
        const open = this.open.get(indexOf(event));
        if (open !== undefined) this.readDelta(open, objectOf(event['delta']), emit);
        return;
      }
      case 'content_block_start':
        this.closeBlock(indexOf(event), emit);
        return this.openBlock(indexOf(event), objectOf(event['content_block']), emit);
      case 'content_block_stop':
        return this.closeBlock(indexOf(event), emit);
      case 'message_start':
        return this.start(objectOf(event['message']), emit);
      case 'message_delta':
        if (stringOf(objectOf(event['delta'])['stop_reason']) !== null)
          this.finish = readFinish(objectOf(event['delta']));
        return this.count(objectOf(event['usage']), emit);
      case 'message_stop':
        return this.end(emit);
      case 'ping':
        return emit({ kind: 'ping' });
      case 'error':
        this.isOver = true;
        return emit({ kind: 'error', error: readStreamError(event) });
    }
  }

  /** Some servers say it twice. */
  private start(message: JsonObject, emit: EmitPart): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    emit({ kind: 'start', id: stringOf(message['id']), model: stringOf(message['model']), createdAt: null });
    this.count(objectOf(message['usage']), emit);
  }

  private count(told: JsonObject, emit: EmitPart): void {
    this.usage = mergeUsage(this.usage, told);
    const usage = readUsage(this.usage);
    if (usage !== null) emit({ kind: 'usage', usage });
  }

  private openBlock(index: number, block: JsonObject, emit: EmitPart): void {
    const key = `${this.blocks++}`;
    const type = stringOf(block['type']) ?? '';
    switch (type) {
      case 'text':
        this.begin(index, { key, kind: 'text' }, { kind: 'text' }, emit);
        return this.delta(key, block['text'], emit);
      case 'thinking':
        this.begin(index, { key, kind: 'thinking' }, { kind: 'thinking', id: null }, emit);
        this.delta(key, block['thinking'], emit);
        return this.sign(key, block['signature'], emit);
      case 'redacted_thinking': {
        const data = { wire: 'messages', value: stringOf(block['data']) ?? '' } as const;
        return this.begin(index, { key, kind: 'hidden_thinking' }, { kind: 'hidden_thinking', data }, emit);
      }
      case 'tool_use': {
        const open: Open = { key, kind: 'tool_call', input: block['input'], hasArguments: false };
        return this.begin(index, open, { kind: 'tool_call', ...callOf(block) }, emit);
      }
      default:
        this.open.set(index, { key, kind: 'foreign', value: block, input: '' });
    }
  }

  private begin(index: number, open: Open, block: Block, emit: EmitPart): void {
    this.open.set(index, open);
    this.order.start(open.key, block, emit);
  }

  private readDelta(open: Open, delta: JsonObject, emit: EmitPart): void {
    if (open.kind === 'foreign') return addToForeign(open, delta);
    switch (delta['type']) {
      case 'text_delta':
        return this.delta(open.key, delta['text'], emit);
      case 'input_json_delta':
        if (open.kind === 'tool_call' && delta['partial_json'] !== '') open.hasArguments = true;
        return this.delta(open.key, delta['partial_json'], emit);
      case 'thinking_delta':
        return this.delta(open.key, delta['thinking'], emit);
      case 'signature_delta':
        return this.sign(open.key, delta['signature'], emit);
      case 'citations_delta': {
        const citation = readCitation(delta['citation'] ?? null);
        return this.tell(open.key, { kind: 'citation', choice: CHOICE, citation }, emit);
      }
    }
  }

  private delta(key: string, text: JsonValue | undefined, emit: EmitPart): void {
    if (typeof text === 'string' && text !== '') this.tell(key, { kind: 'delta', choice: CHOICE, text }, emit);
  }

  private sign(key: string, value: JsonValue | undefined, emit: EmitPart): void {
    if (typeof value !== 'string' || value === '') return;
    this.tell(key, { kind: 'signature', choice: CHOICE, signature: { wire: 'messages', value } }, emit);
  }

  private tell(key: string, part: StreamPart, emit: EmitPart): void {
    this.order.push(key, part, emit);
  }

  private closeBlock(index: number, emit: EmitPart): void {
    const open = this.open.get(index);
    if (open === undefined) return;
    this.open.delete(index);
    if (open.kind === 'foreign') this.order.start(open.key, wholeForeign(open), emit);
    else if (open.kind === 'tool_call' && !open.hasArguments) {
      this.delta(open.key, JSON.stringify(open.input ?? {}), emit);
    }
    this.order.end(open.key, emit);
  }

  private end(emit: EmitPart): void {
    this.isOver = true;
    for (const index of this.open.keys()) this.closeBlock(index, emit);
    emit({ kind: 'finish', choice: CHOICE, finish: this.finish ?? readFinish({}) });
    emit({ kind: 'end' });
  }

  private fail(emit: EmitPart): void {
    this.isOver = true;
    const message = 'The provider sent an event that is not a JSON object.';
    emit({ kind: 'error', error: { status: BAD_GATEWAY, message, type: null } });
  }
}

function indexOf(event: JsonObject): number {
  return numberOf(event['index']) ?? 0;
}

type OpenForeign = Extract<Open, { kind: 'foreign' }>;

/** Input comes in fragments; what else such blocks are sent (`content` of a compaction) is what they then have. */
function addToForeign(open: OpenForeign, delta: JsonObject): void {
  const { type, partial_json, ...members } = delta;
  if (type === 'input_json_delta') open.input += stringOf(partial_json) ?? '';
  else open.value = { ...open.value, ...members };
}

function wholeForeign({ value, input }: OpenForeign): Extract<Block, { kind: 'foreign' }> {
  const parsed = input === '' ? null : parseJson(input);
  const type = stringOf(value['type']) ?? '';
  const whole = parsed === null ? value : { ...value, input: parsed };
  return { kind: 'foreign', part: { kind: 'foreign', wire: 'messages', type, value: whole } };
}
