import type { Block, Finish } from '../completion.ts';
import type { EmitPart } from '../format.ts';
import { isObject, listOf, objectOf, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitations } from './citations.ts';
import { readFinish } from './finish.ts';
import { readLogprobs } from './logprobs.ts';
import { PartialArguments } from './partial-arguments.ts';

/** Members of a part that are not its content. */
const MARKS: ReadonlySet<string> = new Set(['thought', 'thoughtSignature', 'videoMetadata', 'partMetadata']);

/** One candidate of a reply, over all chunks that tell of it. */
export class CandidateReader {
  private readonly choice: number;
  private open: 'text' | 'thinking' | null = null;
  /** Arguments of the call whose end is still to come. */
  private call: PartialArguments | null = null;
  private hasCalls = false;
  /** Of the answer, for the places of citations. */
  private text = '';
  private cited: Set<string> | null = null;
  /** The last one that gave a reason: of a reply with calls that the vendor made itself more may follow. */
  private ending: JsonObject | null = null;

  constructor(choice: number) {
    this.choice = choice;
  }

  get isFinished(): boolean {
    return this.ending !== null;
  }

  /** @throws Error for arguments in pieces that cannot be put together */
  read(candidate: JsonObject, emit: EmitPart): void {
    const parts = listOf(objectOf(candidate['content'])['parts']);
    const grounding = candidate['groundingMetadata'];
    const wasText = this.open === 'text';
    if (isObject(grounding) && wasText) this.cite(grounding, this.text + textOf(parts), emit);
    for (const part of parts) if (isObject(part)) this.readPart(part, emit);
    if (isObject(grounding) && !wasText) this.cite(grounding, this.text, emit);
    const logprobs = readLogprobs(candidate['logprobsResult']);
    if (logprobs !== null) emit({ kind: 'logprobs', choice: this.choice, logprobs });
    if (typeof candidate['finishReason'] === 'string') this.ending = candidate;
  }

  /** After the last chunk. A call whose end nobody told is not made up. @param block why the prompt was refused meanwhile */
  close(block: Finish | null, emit: EmitPart): void {
    const said = { hasCalls: this.hasCalls, hasText: this.text !== '' };
    const finish = this.ending === null ? block : readFinish(this.ending, said);
    if (finish !== null || this.call === null) this.endBlock(emit);
    if (finish !== null) emit({ kind: 'finish', choice: this.choice, finish });
  }

  private readPart(part: JsonObject, emit: EmitPart): void {
    const { text, functionCall, thoughtSignature } = part;
    if (part['thought'] === true) {
      if (text !== '') this.write('thinking', stringOf(text) ?? '', emit);
      if (typeof thoughtSignature === 'string') this.sign(thoughtSignature, emit);
      return;
    }
    if (typeof thoughtSignature === 'string') this.sign(thoughtSignature, emit);
    if (typeof text === 'string') this.write('text', text, emit);
    else if (isObject(functionCall)) this.readCall(functionCall, emit);
    else this.pass(part, emit);
  }

  private write(kind: 'text' | 'thinking', text: string, emit: EmitPart): void {
    if (text === '') return;
    if (this.open !== kind) {
      this.start(kind === 'text' ? { kind } : { kind, id: null }, emit);
      this.open = kind;
    }
    if (kind === 'text') this.text += text;
    emit({ kind: 'delta', choice: this.choice, text });
  }

  /** Of the thoughts before it; where none are told, of thoughts that nobody saw. */
  private sign(value: string, emit: EmitPart): void {
    if (this.open !== 'thinking') this.start({ kind: 'thinking', id: null }, emit);
    this.open = 'thinking';
    emit({ kind: 'signature', choice: this.choice, signature: { wire: 'gemini', value } });
    this.endBlock(emit);
  }

  /** Whole, or opened by its name, filled piece by piece and ended by one that promises no more. */
  private readCall(call: JsonObject, emit: EmitPart): void {
    const name = stringOf(call['name']);
    if (name !== null) {
      this.hasCalls = true;
      this.start({ kind: 'tool_call', id: stringOf(call['id']) ?? '', name, isCustom: false }, emit);
      if (isObject(call['args']) && call['willContinue'] !== true)
        return this.endCall(JSON.stringify(call['args']), emit);
      this.call = new PartialArguments();
    }
    if (this.call === null) return;
    for (const piece of listOf(call['partialArgs'])) this.call.add(objectOf(piece));
    if (call['willContinue'] !== true) this.endBlock(emit);
  }

  private endCall(text: string, emit: EmitPart): void {
    this.call = null;
    emit({ kind: 'delta', choice: this.choice, text });
    emit({ kind: 'block_end', choice: this.choice });
  }

  /** What only this vendor knows: its own tools' calls and results, pictures that it made. */
  private pass(part: JsonObject, emit: EmitPart): void {
    const type = Object.keys(part).find((name) => !MARKS.has(name));
    if (type === undefined) return;
    this.start({ kind: 'foreign', part: { kind: 'foreign', wire: 'gemini', type, value: part } }, emit);
    emit({ kind: 'block_end', choice: this.choice });
  }

  private cite(grounding: JsonObject, text: string, emit: EmitPart): void {
    for (const citation of readCitations(grounding, text)) {
      const key = JSON.stringify(citation);
      if (this.cited?.has(key) === true) continue;
      (this.cited ??= new Set()).add(key);
      if (this.open !== 'text') this.start({ kind: 'text' }, emit);
      this.open = 'text';
      emit({ kind: 'citation', choice: this.choice, citation });
    }
  }

  private start(block: Block, emit: EmitPart): void {
    this.endBlock(emit);
    emit({ kind: 'block_start', choice: this.choice, block });
  }

  private endBlock(emit: EmitPart): void {
    if (this.call !== null) this.endCall(this.call.text, emit);
    if (this.open === null) return;
    this.open = null;
    emit({ kind: 'block_end', choice: this.choice });
  }
}

function textOf(parts: readonly unknown[]): string {
  let text = '';
  for (const part of parts) if (objectOf(part)['thought'] !== true) text += stringOf(objectOf(part)['text']) ?? '';
  return text;
}
