import type { JsonValue } from '../../core/rollout.ts';
import { isDone, type SseEvent } from '../../core/sse.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { notJson, readStreamError } from '../openai/errors.ts';
import { isObject, listOf, numberOrNull, objectOf, wordOrNull, type JsonObject } from '../openai/fields.ts';
import { parseJson } from '../openai/parse-json.ts';
import { ChoiceReader } from './read-choice.ts';
import { readUsage } from './usage.ts';

/** As many as OpenAI makes. */
const MAX_CHOICES = 128;

export class ChatStreamReader implements StreamReader {
  private readonly choices: (ChoiceReader | undefined)[] = [];
  private isStarted = false;
  private isClosed = false;

  push(event: SseEvent, emit: EmitPart): void {
    const { data } = event;
    if (this.isClosed) return;
    if (data === '') emit({ kind: 'ping' });
    else if (isDone(data)) this.end(emit);
    else this.read(parseJson(data), event.name === 'error', emit);
  }

  /** Servers that send no `[DONE]` have told why they ended. */
  flush(emit: EmitPart): void {
    if (this.isClosed) return;
    const choices = this.choices.filter((choice) => choice !== undefined);
    if (choices.length > 0 && choices.every(({ isFinished }) => isFinished)) this.end(emit);
    else for (const choice of choices) choice.release(emit);
  }

  private read(chunk: JsonValue | undefined, isError: boolean, emit: EmitPart): void {
    const error = isObject(chunk) ? errorOf(chunk) : null;
    if (chunk === undefined) this.fail(emit);
    else if (error !== null || isError) this.fail(emit, error ?? chunk);
    else if (isObject(chunk)) this.readChunk(chunk, emit);
  }

  private readChunk(chunk: JsonObject, emit: EmitPart): void {
    const choices = listOf(chunk['choices']);
    if (!this.isStarted && (choices.length > 0 || wordOrNull(chunk['id']) !== null)) this.start(chunk, emit);
    for (const value of choices) {
      const choice = objectOf(value);
      const index = indexOf(choice);
      (this.choices[index] ??= new ChoiceReader(index)).push(choice, emit);
    }
    const usage = readUsage(chunk);
    if (usage !== null) emit({ kind: 'usage', usage });
  }

  private start(chunk: JsonObject, emit: EmitPart): void {
    this.isStarted = true;
    emit({
      kind: 'start',
      id: wordOrNull(chunk['id']),
      model: wordOrNull(chunk['model']),
      createdAt: numberOrNull(chunk['created']),
    });
  }

  private end(emit: EmitPart): void {
    if (!this.isStarted) this.start({}, emit);
    for (const choice of this.choices) choice?.finish(emit);
    this.isClosed = true;
    emit({ kind: 'end' });
  }

  private fail(emit: EmitPart, error?: JsonValue): void {
    for (const choice of this.choices) choice?.release(emit);
    this.isClosed = true;
    emit({ kind: 'error', error: error === undefined ? notJson() : readStreamError(error) });
  }
}

/** vLLM's stands at the top, as its own kind of object. */
function errorOf(chunk: JsonObject): JsonValue {
  return chunk['error'] ?? (chunk['object'] === 'error' ? chunk : null);
}

function indexOf({ index }: JsonObject): number {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < MAX_CHOICES ? index : 0;
}
