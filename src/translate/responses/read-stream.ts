import { isDone, type SseEvent } from '../../core/sse.ts';
import type { ProviderError } from '../completion.ts';
import type { EmitPart, StreamReader } from '../format.ts';
import { notJson, readStreamError } from '../openai/errors.ts';
import {
  isObject,
  listOf,
  numberOrNull,
  objectOf,
  stringOrNull,
  wordOrNull,
  type JsonObject,
} from '../openai/fields.ts';
import { parseJson } from '../openai/parse-json.ts';
import { OutputReader } from './read-output.ts';
import { readFinish } from './status.ts';
import { readUsage } from './usage.ts';

/** What is not here tells of tools that the vendor runs, whose items tell the same when they are done. */
export class ResponsesStreamReader implements StreamReader {
  private readonly output = new OutputReader();
  private isStarted = false;
  private isClosed = false;

  push({ data, name }: SseEvent, emit: EmitPart): void {
    if (this.isClosed || isDone(data)) return;
    if (data === '') return emit({ kind: 'ping' });
    const event = parseJson(data);
    if (event === undefined) this.fail(notJson(), emit);
    else if (isObject(event)) this.read(stringOrNull(event['type']) ?? name, event, emit);
  }

  /** Only a response that says so has ended. */
  flush(emit: EmitPart): void {
    if (!this.isClosed) this.output.end(emit);
  }

  private read(type: string, event: JsonObject, emit: EmitPart): void {
    if (type === 'error') return this.fail(readStreamError(event['error'] ?? event), emit);
    if (!this.isStarted) this.start(objectOf(event['response']), emit);
    switch (type) {
      case 'response.output_text.delta':
        return this.output.said(event, 'text', emit);
      case 'response.refusal.delta':
        return this.output.said(event, 'refusal', emit);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.output.argument(event, emit);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.output.thought(event, emit);
      case 'response.output_item.added':
        return this.output.added(event, emit);
      case 'response.output_text.annotation.added':
        return this.output.cited(event, emit);
      case 'response.output_text.done':
        return this.output.saidWhole(event, 'text', event['text'], emit);
      case 'response.refusal.done':
        return this.output.saidWhole(event, 'refusal', event['refusal'], emit);
      case 'response.function_call_arguments.done':
        return this.output.argumentsWhole(event, event['arguments'], emit);
      case 'response.custom_tool_call_input.done':
        return this.output.argumentsWhole(event, event['input'], emit);
      case 'response.content_part.done':
        return this.output.partDone(event, emit);
      case 'response.output_item.done':
        return this.output.itemDone(numberOrNull(event['output_index']) ?? 0, objectOf(event['item']), emit);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.end(objectOf(event['response']), emit);
    }
  }

  private start(response: JsonObject, emit: EmitPart): void {
    this.isStarted = true;
    emit({
      kind: 'start',
      id: wordOrNull(response['id']),
      model: wordOrNull(response['model']),
      createdAt: numberOrNull(response['created_at']),
    });
  }

  /** Items that no event told of stand in the response as a whole. */
  private end(response: JsonObject, emit: EmitPart): void {
    listOf(response['output']).forEach((item, index) => this.output.itemOfWhole(index, objectOf(item), emit));
    this.output.end(emit);
    const usage = readUsage(response);
    if (usage !== null) emit({ kind: 'usage', usage });
    const finish = readFinish(response, this.output.hasCalls);
    if (finish.reason === 'error')
      return this.fail(readStreamError(response['error'] ?? { message: finish.detail }), emit);
    emit({ kind: 'finish', choice: 0, finish });
    this.isClosed = true;
    emit({ kind: 'end' });
  }

  private fail(error: ProviderError, emit: EmitPart): void {
    this.output.end(emit);
    this.isClosed = true;
    emit({ kind: 'error', error });
  }
}
