import type { SseEvent } from '../../core/sse.ts';
import type { Finish, TokenUsage } from '../completion.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { isObject, listOf, numberOf, objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';
import { providerError } from './errors.ts';
import { readPromptBlock } from './finish.ts';
import { CandidateReader } from './read-candidate.ts';
import { readUsage } from './usage.ts';

const BAD_GATEWAY = 502;
const INTERNAL = 500;
/** Far more than can be asked for. */
const MAX_CANDIDATE = 127;

/** A stream of `streamGenerateContent?alt=sse`: each event is a reply with what is new. It ends without a word. */
export class GeminiStreamReader implements StreamReader {
  private readonly candidates: (CandidateReader | undefined)[] = [];
  private started = false;
  private failed = false;
  /** Of the prompt; some are refused when a part of the answer is out. */
  private block: Finish | null = null;
  private usage: TokenUsage | null = null;

  push(event: SseEvent, emit: EmitPart): void {
    if (this.failed || event.data === '') return;
    const told = parseJson(event.data);
    // An error may be a list of one, as in replies that are none of a stream.
    const chunk = Array.isArray(told) && told.length === 1 ? told[0] : told;
    if (!isObject(chunk)) this.fail(BAD_GATEWAY, 'The provider sent an event that is not a JSON object.', emit);
    else if (isObject(chunk['error'])) {
      this.failed = true;
      emit({ kind: 'error', error: providerError(chunk['error'], INTERNAL) });
    } else this.readChunk(chunk, emit);
  }

  flush(emit: EmitPart): void {
    if (this.failed || !this.started) return;
    for (const candidate of this.candidates) candidate?.close(this.block, emit);
    if (this.block !== null && this.candidates.length === 0) emit({ kind: 'finish', choice: 0, finish: this.block });
    if (this.usage !== null) emit({ kind: 'usage', usage: this.usage });
    if (this.isComplete) emit({ kind: 'end' });
  }

  private get isComplete(): boolean {
    if (this.block !== null || this.candidates.length === 0) return this.block !== null;
    return this.candidates.every((candidate) => candidate === undefined || candidate.isFinished);
  }

  /** A reply, or a part of one. */
  readChunk(chunk: JsonObject, emit: EmitPart): void {
    const usage = readUsage(chunk['usageMetadata']);
    this.usage = usage ?? this.usage;
    if (!this.started) this.start(chunk, usage, emit);
    try {
      for (const candidate of listOf(chunk['candidates'])) this.readCandidate(objectOf(candidate), emit);
    } catch (error) {
      this.fail(BAD_GATEWAY, `The provider's stream cannot be read: ${(error as Error).message}.`, emit);
      return;
    }
    this.block ??= readPromptBlock(objectOf(chunk['promptFeedback']));
  }

  private start(chunk: JsonObject, usage: TokenUsage | null, emit: EmitPart): void {
    this.started = true;
    const made = Date.parse(stringOf(chunk['createTime']) ?? '');
    emit({
      kind: 'start',
      id: stringOf(chunk['responseId']),
      model: stringOf(chunk['modelVersion']),
      createdAt: Number.isNaN(made) ? null : Math.floor(made / 1000),
    });
    if (usage !== null) emit({ kind: 'usage', usage });
  }

  private readCandidate(candidate: JsonObject, emit: EmitPart): void {
    const index = numberOf(candidate['index']) ?? 0;
    if (!Number.isInteger(index) || index < 0 || index > MAX_CANDIDATE)
      throw new Error('a candidate has a wrong index');
    const reader = (this.candidates[index] ??= new CandidateReader(index));
    reader.read(candidate, emit);
  }

  private fail(status: number, message: string, emit: EmitPart): void {
    this.failed = true;
    emit({ kind: 'error', error: { status, message, type: null } });
  }
}
