import type { JsonValue } from '../../core/rollout.ts';
import { SseEvent } from '../../core/sse.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { Block, Finish, StreamPart } from '../completion.ts';
import type { Citation, Part, Signature } from '../conversation.ts';
import type { CallIds } from '../openai/call-ids.ts';
import { writeUrlCitation } from '../openai/citations.ts';
import { finishWord } from './finish.ts';
import { refusalText, writeThinkingBlocks } from './write-reply.ts';

type ChoicePart = Extract<StreamPart, { choice: number }>;

const NO_LOGPROBS = 'null';
/** How the text of a block stands in a delta. */
const TEXT_HEADS = { text: '"content":', refusal: '"refusal":', thinking: '"reasoning_content":' } as const;

/** One choice of a stream, chunk by chunk. */
export class ChoiceWriter {
  /** Of every chunk, up to its delta. */
  private readonly head: string;
  private readonly ids: CallIds;
  private block: Block | null = null;
  /** What stands before the JSON of a text of the open block, and after it. */
  private textHead = '';
  private textTail = '';
  private calls = 0;
  private isEmptyCall = false;
  private hasRefused = false;
  private logprobs = NO_LOGPROBS;
  /** Characters of text so far, and those before the open block. */
  private length = 0;
  private blockStart = 0;
  private cited: Citation[] = [];
  private readonly annotations: JsonValue[] = [];
  private readonly thoughts: Part[] = [];
  private thought = '';
  private signature: Signature | null = null;

  constructor(head: string, index: number, ids: CallIds) {
    this.head = `${head}{"index":${index},"delta":{`;
    this.ids = ids;
  }

  open(emit: EmitEvent): void {
    this.chunk('"role":"assistant","content":null,"refusal":null', emit);
  }

  push(part: ChoicePart, emit: EmitEvent): void {
    if (part.kind === 'delta') this.delta(part.text, emit);
    else if (part.kind === 'block_start') this.start(part.block, emit);
    else if (part.kind === 'block_end') this.endBlock(emit);
    else if (part.kind === 'signature') this.signature = part.signature;
    else if (part.kind === 'citation') this.cited.push(part.citation);
    else if (part.kind === 'logprobs') this.logprobs = JSON.stringify(part.logprobs);
    else this.finish(part.finish, emit);
  }

  private start(block: Block, emit: EmitEvent): void {
    this.block = block;
    this.blockStart = this.length;
    this.thought = '';
    this.signature = null;
    if (block.kind === 'tool_call') this.startCall(block, emit);
    else if (block.kind === 'hidden_thinking') this.thoughts.push({ kind: 'hidden_thinking', data: block.data });
    else if (block.kind !== 'foreign') {
      this.textHead = TEXT_HEADS[block.kind];
      this.textTail = '';
    }
  }

  private startCall({ id, name, isCustom }: Extract<Block, { kind: 'tool_call' }>, emit: EmitEvent): void {
    const index = this.calls++;
    const [type, text] = isCustom ? ['custom', 'input'] : ['function', 'arguments'];
    const call = { index, id: this.ids.next(id), type, [type]: { name, [text]: '' } };
    this.isEmptyCall = !isCustom;
    this.textHead = `"tool_calls":[{"index":${index},"${type}":{"${text}":`;
    this.textTail = '}}]';
    this.chunk(`"tool_calls":[${JSON.stringify(call)}]`, emit);
  }

  private delta(text: string, emit: EmitEvent): void {
    const kind = this.block?.kind;
    if (kind === 'text') this.length += text.length;
    else if (kind === 'thinking') this.thought += text;
    else if (kind === 'refusal') this.hasRefused = true;
    this.isEmptyCall = false;
    this.chunk(`${this.textHead}${JSON.stringify(text)}${this.textTail}`, emit);
  }

  private endBlock(emit: EmitEvent): void {
    const { block, signature } = this;
    if (block?.kind === 'tool_call' && this.isEmptyCall) this.delta('{}', emit);
    if (block?.kind === 'thinking') this.thoughts.push({ kind: 'thinking', text: this.thought, signature, id: null });
    for (const citation of this.cited) this.annotate(citation);
    this.cited = [];
    this.block = null;
  }

  private annotate(citation: Citation): void {
    const written = writeUrlCitation(citation, this.blockStart, this.length);
    if (written !== null) this.annotations.push({ type: 'url_citation', url_citation: written });
  }

  /** Lists come whole and once, ahead of the reason: the SDKs put the last one they see in the place of those before. */
  private finish(finish: Finish, emit: EmitEvent): void {
    const blocks = writeThinkingBlocks(this.thoughts);
    if (blocks.length > 0) this.chunk(`"thinking_blocks":${JSON.stringify(blocks)}`, emit);
    for (const citation of this.cited) this.annotate(citation);
    if (this.annotations.length > 0) this.chunk(`"annotations":${JSON.stringify(this.annotations)}`, emit);
    if (this.logprobs !== NO_LOGPROBS) this.chunk('"content":""', emit);
    if (finish.reason === 'refusal' && !this.hasRefused) {
      this.chunk(`"refusal":${JSON.stringify(refusalText(finish))}`, emit);
    }
    this.chunk('', emit, JSON.stringify(finishWord(finish.reason)));
  }

  private chunk(delta: string, emit: EmitEvent, finish = 'null'): void {
    const tail = `},"logprobs":${this.logprobs},"finish_reason":${finish}}]}\n\n`;
    this.logprobs = NO_LOGPROBS;
    emit(new SseEvent(Buffer.from(`${this.head}${delta}${tail}`)));
  }
}
