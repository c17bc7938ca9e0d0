import type { JsonValue } from '../../core/rollout.ts';
import type { SseEvent } from '../../core/sse.ts';
import type { Block } from '../completion.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { isObject, numberOf, objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitation } from './citations.ts';
import { readException } from './errors.ts';
import { readFinish } from './finish.ts';
import { foreignPart } from './read-reply.ts';
import { readUsage } from './usage.ts';

const BAD_GATEWAY = 502;

/** What stands open: a kind of block, or something that is only told as a whole. */
type Open =
  | { readonly kind: 'text' | 'thinking' }
  | { readonly kind: 'tool_call'; hasArguments: boolean }
  | { readonly kind: 'hidden'; readonly pieces: Buffer[] }
  | { readonly kind: 'foreign'; readonly type: string; readonly start: JsonValue; readonly deltas: JsonValue[] };

/** Events of ConverseStream. Blocks of text and reasoning open with their first delta. */
export class BedrockStreamReader implements StreamReader {
  private open: Open | null = null;
  private index = -1;
  private started = false;
  private stopped = false;
  /** Nothing more is told. */
  private over = false;

  push(event: SseEvent, emit: EmitPart): void {
    if (this.over || event.data === '') return;
    const told = parseJson(event.data);
    if (!isObject(told)) {
      this.over = true;
      const message = 'The provider sent an event that is not a JSON object.';
      emit({ kind: 'error', error: { status: BAD_GATEWAY, message, type: null } });
      return;
    }
    this.begin(emit);
    this.read(event.name, told, emit);
  }

  flush(emit: EmitPart): void {
    if (this.stopped) this.end(emit);
  }

  private read(name: string, told: JsonObject, emit: EmitPart): void {
    switch (name) {
      case 'contentBlockStart':
        return this.startBlock(told, emit);
      case 'contentBlockDelta':
        return this.readDelta(told, emit);
      case 'contentBlockStop':
        return this.endBlock(emit);
      case 'messageStop':
        this.endBlock(emit);
        this.stopped = true;
        return emit({ kind: 'finish', choice: 0, finish: readFinish(told) });
      case 'metadata':
        return this.readMetadata(told, emit);
      case 'exception':
        this.over = true;
        return emit({ kind: 'error', error: readException(told) });
      default:
    }
  }

  private begin(emit: EmitPart): void {
    if (this.started) return;
    this.started = true;
    emit({ kind: 'start', id: null, model: null, createdAt: null });
  }

  /** The last event of all. */
  private readMetadata(told: JsonObject, emit: EmitPart): void {
    const usage = readUsage(told['usage']);
    if (usage !== null) emit({ kind: 'usage', usage });
    if (this.stopped) this.end(emit);
  }

  private end(emit: EmitPart): void {
    if (!this.over) emit({ kind: 'end' });
    this.over = true;
  }

  private startBlock(told: JsonObject, emit: EmitPart): void {
    this.enter(told, emit);
    const start = objectOf(told['start']);
    const { toolUse } = start;
    if (isObject(toolUse) && toolUse['type'] !== 'server_tool_use') {
      const id = stringOf(toolUse['toolUseId']) ?? '';
      this.openBlock({ kind: 'tool_call', id, name: stringOf(toolUse['name']) ?? '', isCustom: false }, emit);
      this.open = { kind: 'tool_call', hasArguments: false };
    } else this.open = { kind: 'foreign', type: Object.keys(start)[0] ?? 'empty', start, deltas: [] };
  }

  private readDelta(told: JsonObject, emit: EmitPart): void {
    this.enter(told, emit);
    const delta = objectOf(told['delta']);
    const { text, toolUse, reasoningContent, citation } = delta;
    if (this.open?.kind === 'foreign') this.open.deltas.push(delta);
    else if (typeof text === 'string') this.write('text', text, emit);
    else if (isObject(toolUse)) this.writeArguments(stringOf(toolUse['input']) ?? '', emit);
    else if (isObject(reasoningContent)) this.readReasoning(reasoningContent, emit);
    else if (isObject(citation)) {
      this.ensure('text', emit);
      emit({ kind: 'citation', choice: 0, citation: readCitation(citation) });
    }
  }

  private readReasoning({ text, signature, redactedContent }: JsonObject, emit: EmitPart): void {
    if (typeof redactedContent === 'string') {
      if (this.open?.kind !== 'hidden') this.openHidden(emit);
      if (this.open?.kind === 'hidden') this.open.pieces.push(Buffer.from(redactedContent, 'base64'));
      return;
    }
    if (typeof text === 'string') this.write('thinking', text, emit);
    if (typeof signature !== 'string') return;
    this.ensure('thinking', emit);
    emit({ kind: 'signature', choice: 0, signature: { wire: 'bedrock', value: signature } });
  }

  private write(kind: 'text' | 'thinking', text: string, emit: EmitPart): void {
    if (text === '') return;
    this.ensure(kind, emit);
    emit({ kind: 'delta', choice: 0, text });
  }

  private writeArguments(text: string, emit: EmitPart): void {
    if (this.open?.kind !== 'tool_call' || text === '') return;
    this.open.hasArguments = true;
    emit({ kind: 'delta', choice: 0, text });
  }

  private ensure(kind: 'text' | 'thinking', emit: EmitPart): void {
    if (this.open?.kind === kind) return;
    this.openBlock(kind === 'text' ? { kind } : { kind, id: null }, emit);
    this.open = { kind };
  }

  private openBlock(block: Block, emit: EmitPart): void {
    this.endBlock(emit);
    emit({ kind: 'block_start', choice: 0, block });
  }

  private openHidden(emit: EmitPart): void {
    this.endBlock(emit);
    this.open = { kind: 'hidden', pieces: [] };
  }

  /** Some models leave out the end of a block. */
  private enter(told: JsonObject, emit: EmitPart): void {
    const index = numberOf(told['contentBlockIndex']) ?? this.index;
    if (index !== this.index) this.endBlock(emit);
    this.index = index;
  }

  private endBlock(emit: EmitPart): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    if (open.kind === 'tool_call' && !open.hasArguments) emit({ kind: 'delta', choice: 0, text: '{}' });
    if (open.kind === 'hidden') {
      const value = Buffer.concat(open.pieces).toString('base64');
      emit({ kind: 'block_start', choice: 0, block: { kind: 'hidden_thinking', data: { wire: 'bedrock', value } } });
    } else if (open.kind === 'foreign') {
      const part = foreignPart(open.type, { start: open.start, deltas: open.deltas });
      emit({ kind: 'block_start', choice: 0, block: { kind: 'foreign', part } });
    }
    emit({ kind: 'block_end', choice: 0 });
  }
}
