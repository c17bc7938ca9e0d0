import type { Block } from '../completion.ts';
import type { EmitPart } from '../format.ts';
import { BlockOrder } from '../block-order.ts';
import { readUrlCitation } from '../openai/citations.ts';
import { isObject, listOf, objectOf, stringOrNull, wordOrNull, type JsonObject } from '../openai/fields.ts';
import { finishOf } from './finish.ts';
import { CallFragments } from './read-calls.ts';
import { thoughtText } from './read-reply.ts';
import { THOUGHT_MEMBERS, type ThoughtMember } from './thought-member.ts';

type SaidKind = 'text' | 'refusal' | 'thinking';

const BLOCKS: Readonly<Record<SaidKind, Block>> = {
  text: { kind: 'text' },
  refusal: { kind: 'refusal' },
  thinking: { kind: 'thinking', id: null },
};

/** One choice of a stream. Its end is told when the stream ends: servers send parts, and other reasons, after a reason. */
export class ChoiceReader {
  private readonly index: number;
  private readonly order: BlockOrder;
  private readonly calls: CallFragments;
  private said: SaidKind | null = null;
  private saidCount = 0;
  private saidKey = '';
  private thoughtMember: ThoughtMember | null = null;
  private finishWord: string | null = null;
  private stopSequence: string | null = null;
  private readonly beforeCall = (emit: EmitPart): void => this.endSaid(emit);

  constructor(index: number) {
    this.index = index;
    this.order = new BlockOrder(index);
    this.calls = new CallFragments(index, this.order);
  }

  get isFinished(): boolean {
    return this.finishWord !== null;
  }

  push(choice: JsonObject, emit: EmitPart): void {
    const delta = objectOf(choice['delta']);
    if (isObject(choice['logprobs'])) {
      emit({ kind: 'logprobs', choice: this.index, logprobs: choice['logprobs'] });
    }
    this.pushThought(delta, emit);
    this.pushContent(delta, emit);
    const refusal = wordOrNull(delta['refusal']);
    if (refusal !== null) this.say('refusal', refusal, emit);
    if (delta['annotations'] !== undefined) this.cite(delta, emit);
    for (const call of listOf(delta['tool_calls'])) this.calls.push(objectOf(call), this.beforeCall, emit);
    if (isObject(delta['function_call'])) {
      this.calls.push({ index: 0, function: delta['function_call'] }, this.beforeCall, emit);
    }
    this.readFinish(choice);
  }

  /** What is left, and why it ended. */
  finish(emit: EmitPart): void {
    this.release(emit);
    const finish = finishOf(this.finishWord ?? 'stop', !this.calls.isEmpty, this.stopSequence);
    emit({ kind: 'finish', choice: this.index, finish });
  }

  /** All that was held back. */
  release(emit: EmitPart): void {
    this.endSaid(emit);
    this.calls.end(emit);
    this.order.endAll(emit);
  }

  private pushThought(delta: JsonObject, emit: EmitPart): void {
    for (const member of THOUGHT_MEMBERS) {
      const text = wordOrNull(delta[member]);
      if (text === null) continue;
      this.thoughtMember = member;
      this.say('thinking', text, emit);
      return;
    }
  }

  private pushContent({ content }: JsonObject, emit: EmitPart): void {
    if (typeof content === 'string') {
      if (content !== '') this.say('text', content, emit);
      return;
    }
    for (const value of listOf(content)) {
      const part = objectOf(value);
      const isThought = part['type'] === 'thinking';
      const text = isThought ? thoughtText(part['thinking']) : stringOrNull(part['text']);
      if (text) this.say(isThought ? 'thinking' : 'text', text, emit);
    }
  }

  private say(kind: SaidKind, text: string, emit: EmitPart): void {
    this.openSaid(kind, emit);
    this.order.push(this.saidKey, { kind: 'delta', choice: this.index, text }, emit);
  }

  private cite(delta: JsonObject, emit: EmitPart): void {
    for (const value of listOf(delta['annotations'])) {
      this.openSaid('text', emit);
      const citation = readUrlCitation(value, 'chat');
      this.order.push(this.saidKey, { kind: 'citation', choice: this.index, citation }, emit);
    }
  }

  private openSaid(kind: SaidKind, emit: EmitPart): void {
    if (this.said === kind) return;
    this.endSaid(emit);
    this.calls.endComplete(emit);
    this.said = kind;
    this.saidKey = `said ${this.saidCount++}`;
    this.order.start(this.saidKey, BLOCKS[kind], emit);
  }

  private endSaid(emit: EmitPart): void {
    if (this.said === null) return;
    if (this.said === 'thinking' && this.thoughtMember !== null) {
      const signature = { wire: 'chat', value: this.thoughtMember } as const;
      this.order.push(this.saidKey, { kind: 'signature', choice: this.index, signature }, emit);
    }
    this.order.end(this.saidKey, emit);
    this.said = null;
  }

  private readFinish(choice: JsonObject): void {
    const word = wordOrNull(choice['finish_reason']);
    if (word === null) return;
    if (this.finishWord === null || this.finishWord === 'stop') this.finishWord = word;
    this.stopSequence ??= wordOrNull(choice['stop_reason']);
  }
}
