import type { SseEvent } from '../../core/sse.ts';
import type { JsonValue } from '../../core/rollout.ts';
import type { Block, Finish } from '../completion.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { isObject, objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitation } from './citations.ts';
import { readStreamError } from './errors.ts';
import { readFinish } from './finish.ts';
import { callOf } from './read-reply.ts';
import { mergeUsage, readUsage } from './usage.ts';

const BAD_GATEWAY = 502;
const CHOICE = 0;

/** What has come of the open block. */
type Open =
  | { readonly kind: 'text' | 'thinking' | 'hidden_thinking' }
  /** `input`: of the block's start, told where no fragment follows. */
  | { readonly kind: 'tool_call'; readonly input: JsonValue | undefined; hasArguments: boolean }
  /** Told whole, when it is. */
  | { readonly kind: 'foreign'; value: JsonObject; input: string };

/** Reads by the `type` in the data, which every event has; events and deltas that are not known are left out. */
export class MessagesStreamReader implements StreamReader {
  private open: Open | null = null;
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
      case 'content_block_delta':
        if (this.open !== null) this.readDelta(this.open, objectOf(event['delta']), emit);
        return;
      case 'content_block_start':
        this.closeBlock(emit);
        return this.openBlock(objectOf(event['content_block']), emit);
      case 'content_block_stop':
        return this.closeBlock(emit);
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

  private openBlock(block: JsonObject, emit: EmitPart): void {
    const type = stringOf(block['type']) ?? '';
    switch (type) {
      case 'text':
        this.begin({ kind: 'text' }, { kind: 'text' }, emit);
        return this.delta(block['text'], emit);
      case 'thinking':
        this.begin({ kind: 'thinking' }, { kind: 'thinking', id: null }, emit);
        this.delta(block['thinking'], emit);
        return this.sign(block['signature'], emit);
      case 'redacted_thinking': {
        const data = { wire: 'messages', value: stringOf(block['data']) ?? '' } as const;
        return this.begin({ kind: 'hidden_thinking' }, { kind: 'hidden_thinking', data }, emit);
      }
      case 'tool_use': {
        const open: Open = { kind: 'tool_call', input: block['input'], hasArguments: false };
        return this.begin(open, { kind: 'tool_call', ...callOf(block) }, emit);
      }
      default:
        this.open = { kind: 'foreign', value: block, input: '' };
    }
  }

  private begin(open: Open, block: Block, emit: EmitPart): void {
    this.open = open;
    emit({ kind: 'block_start', choice: CHOICE, block });
  }

  private readDelta(open: Open, delta: JsonObject, emit: EmitPart): void {
    if (open.kind === 'foreign') return addToForeign(open, delta);
    switch (delta['type']) {
      case 'text_delta':
        return this.delta(delta['text'], emit);
      case 'input_json_delta':
        if (open.kind === 'tool_call' && delta['partial_json'] !== '') open.hasArguments = true;
        return this.delta(delta['partial_json'], emit);
      case 'thinking_delta':
        return this.delta(delta['thinking'], emit);
      case 'signature_delta':
        return this.sign(delta['signature'], emit);
      case 'citations_delta':
        return emit({ kind: 'citation', choice: CHOICE, citation: readCitation(delta['citation'] ?? null) });
    }
  }

  private delta(text: JsonValue | undefined, emit: EmitPart): void {
    if (typeof text === 'string' && text !== '') emit({ kind: 'delta', choice: CHOICE, text });
  }

  private sign(value: JsonValue | undefined, emit: EmitPart): void {
    if (typeof value !== 'string' || value === '') return;
    emit({ kind: 'signature', choice: CHOICE, signature: { wire: 'messages', value } });
  }

  private closeBlock(emit: EmitPart): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    if (open.kind === 'foreign') emit({ kind: 'block_start', choice: CHOICE, block: wholeForeign(open) });
    else if (open.kind === 'tool_call' && !open.hasArguments) this.delta(JSON.stringify(open.input ?? {}), emit);
    emit({ kind: 'block_end', choice: CHOICE });
  }

  private end(emit: EmitPart): void {
    this.isOver = true;
    this.closeBlock(emit);
    emit({ kind: 'finish', choice: CHOICE, finish: this.finish ?? readFinish({}) });
    emit({ kind: 'end' });
  }

  private fail(emit: EmitPart): void {
    this.isOver = true;
    const message = 'The provider sent an event that is not a JSON object.';
    emit({ kind: 'error', error: { status: BAD_GATEWAY, message, type: null } });
  }
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
