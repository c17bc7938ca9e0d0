import type { JsonValue } from '../../core/rollout.ts';
import { SseEvent } from '../../core/sse.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { Block, Finish, StreamPart, TokenUsage } from '../completion.ts';
import type { Signature } from '../conversation.ts';
import type { ReplyContext, StreamWriter } from '../format.ts';
import { isObject, type JsonObject } from '../provider-json.ts';
import { writeCitation } from './citations.ts';
import { writeError } from './errors.ts';
import { writeFinish } from './finish.ts';
import { writeDeltaUsage, writeUsage } from './usage.ts';
import { callHead, messageHead, writeSignature } from './write-reply.ts';

const BAD_GATEWAY = 502;
/** What a delta of the open block is called. */
const DELTAS = {
  text: '"text_delta","text":',
  refusal: '"text_delta","text":',
  thinking: '"thinking_delta","thinking":',
  tool_call: '"input_json_delta","partial_json":',
} as const;
/** A call of a tool of free text is an object with that text, which SDKs can read: the same as in a whole reply. */
const CUSTOM_START = '{"input":"';
const CUSTOM_END = '"}';

type Head = Extract<StreamPart, { kind: 'start' }>;

/** Anthropic's events, in the order in which it sends them. Of several choices clients get the first: they ask for no more. */
export class MessagesStreamWriter implements StreamWriter {
  private readonly context: ReplyContext;
  /** Held until the next part, so that the first event has the usage where the provider tells it at once. */
  private head: Head | null = null;
  private usage: TokenUsage | null = null;
  private finish: Finish | null = null;
  private refusal = '';
  private open: Block | null = null;
  /** The client has been told of the open block: a text is told with its first character. */
  private isTold = false;
  /** Of the open call. */
  private hasArguments = false;
  private index = 0;

  constructor(context: ReplyContext) {
    this.context = context;
  }

  push(part: StreamPart, emit: EmitEvent): void {
    if (part.kind === 'usage') this.usage = part.usage;
    else if (part.kind === 'start') this.head = part;
    else if ('choice' in part && part.choice !== 0) return;
    else {
      this.writeStart(emit);
      this.write(part, emit);
    }
  }

  private write(part: Exclude<StreamPart, { kind: 'usage' | 'start' }>, emit: EmitEvent): void {
    switch (part.kind) {
      case 'delta':
        return this.writeDelta(part.text, emit);
      case 'block_start':
        return this.openBlock(part.block, emit);
      case 'block_end':
        return this.closeBlock(emit);
      case 'signature':
        return this.writeSignature(part.signature, emit);
      case 'citation':
        return this.writeCitation(writeCitation(part.citation), emit);
      case 'finish':
        this.finish = part.finish;
        return;
      case 'ping':
        return emit(event('ping', '{"type":"ping"}'));
      case 'error':
        return emit(event('error', JSON.stringify(writeError(part.error))));
      case 'end':
        return this.writeEnd(emit);
    }
  }

  private writeStart(emit: EmitEvent): void {
    if (this.head === null) return;
    const message = {
      ...messageHead(this.head.id, this.head.model, this.context),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      usage: writeUsage(this.usage, null),
    };
    this.head = null;
    emit(event('message_start', JSON.stringify({ type: 'message_start', message })));
  }

  private openBlock(block: Block, emit: EmitEvent): void {
    this.open = block;
    this.isTold = false;
    switch (block.kind) {
      case 'thinking':
        return this.tell({ type: 'thinking', thinking: '', signature: '' }, emit);
      case 'hidden_thinking':
        return this.tell({ type: 'redacted_thinking', data: writeSignature(block.data) }, emit);
      case 'tool_call':
        this.hasArguments = block.isCustom;
        this.tell({ ...callHead(block.id, block.name), input: {} }, emit);
        if (block.isCustom) this.writeArguments(CUSTOM_START, emit);
        return;
      case 'foreign':
        if (block.part.wire === 'messages' && isObject(block.part.value)) this.tellForeign(block.part.value, emit);
        return;
    }
  }

  /** Clients that go by events look for the input of Anthropic's own tools where they look for that of others. */
  private tellForeign(value: JsonObject, emit: EmitEvent): void {
    const { input } = value;
    if (!isObject(input)) return this.tell(value, emit);
    this.tell({ ...value, input: {} }, emit);
    this.writeArguments(JSON.stringify(input), emit);
  }

  private tell(block: JsonObject, emit: EmitEvent): void {
    this.isTold = true;
    const told = { type: 'content_block_start', index: this.index, content_block: block };
    emit(event('content_block_start', JSON.stringify(told)));
  }

  private tellText(emit: EmitEvent): void {
    if (!this.isTold) this.tell({ type: 'text', text: '', citations: null }, emit);
  }

  private writeDelta(text: string, emit: EmitEvent): void {
    const { open } = this;
    if (open === null || open.kind === 'foreign' || open.kind === 'hidden_thinking') return;
    if (open.kind === 'refusal') this.refusal += text;
    if (open.kind === 'tool_call') return this.writeArguments(open.isCustom ? escaped(text) : this.json(text), emit);
    if (open.kind !== 'thinking') this.tellText(emit);
    this.writeBlockDelta(DELTAS[open.kind] + JSON.stringify(text), emit);
  }

  /** White space ahead of the arguments says nothing; where nothing else comes, SDKs take it for broken JSON. */
  private json(text: string): string {
    if (this.hasArguments) return text;
    const told = text.trimStart();
    this.hasArguments = told !== '';
    return told;
  }

  private writeArguments(json: string, emit: EmitEvent): void {
    if (json !== '') this.writeBlockDelta(DELTAS.tool_call + JSON.stringify(json), emit);
  }

  private writeSignature(signature: Signature, emit: EmitEvent): void {
    if (this.open?.kind !== 'thinking') return;
    this.writeBlockDelta(`"signature_delta","signature":${JSON.stringify(writeSignature(signature))}`, emit);
  }

  private writeCitation(citation: JsonValue, emit: EmitEvent): void {
    if (citation === null || this.open?.kind !== 'text') return;
    this.tellText(emit);
    this.writeBlockDelta(`"citations_delta","citation":${JSON.stringify(citation)}`, emit);
  }

  /** Once per token: written by hand. */
  private writeBlockDelta(members: string, emit: EmitEvent): void {
    emit(
      event('content_block_delta', `{"type":"content_block_delta","index":${this.index},"delta":{"type":${members}}}`),
    );
  }

  private closeBlock(emit: EmitEvent): void {
    const { open } = this;
    if (open === null) return;
    if (open.kind === 'tool_call' && open.isCustom) this.writeArguments(CUSTOM_END, emit);
    this.open = null;
    if (!this.isTold) return;
    this.isTold = false;
    emit(event('content_block_stop', `{"type":"content_block_stop","index":${this.index}}`));
    this.index++;
  }

  private writeEnd(emit: EmitEvent): void {
    const finish = this.finish ?? { reason: 'stop', stopSequence: null, detail: null };
    if (finish.reason === 'error') {
      const message = finish.detail ?? 'The provider broke the reply off.';
      return emit(event('error', JSON.stringify(writeError({ status: BAD_GATEWAY, message, type: null }))));
    }
    const delta = { ...writeFinish(finish, this.refusal), container: null };
    const told = { type: 'message_delta', delta, usage: writeDeltaUsage(this.usage) };
    emit(event('message_delta', JSON.stringify(told)));
    emit(event('message_stop', '{"type":"message_stop"}'));
  }
}

/** As it stands inside a JSON string. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function event(name: string, data: string): SseEvent {
  return new SseEvent(Buffer.from(`event: ${name}\ndata: ${data}\n\n`, 'utf8'));
}
