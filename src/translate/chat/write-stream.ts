import type { JsonValue } from '../../core/rollout.ts';
import { SseEvent } from '../../core/sse.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import type { ProviderError, StreamPart, TokenUsage } from '../completion.ts';
import type { ReplyContext, StreamWriter } from '../format.ts';
import { CallIds } from '../openai/call-ids.ts';
import { writeError } from '../openai/errors.ts';
import type { JsonObject } from '../openai/fields.ts';
import { ChoiceWriter } from './write-choice.ts';
import { writeUsage } from './usage.ts';

const DONE = new SseEvent(Buffer.from('data: [DONE]\n\n'));
const PING = new SseEvent(Buffer.from(': ping\n\n'));

export class ChatStreamWriter implements StreamWriter {
  private readonly context: ReplyContext;
  private readonly ids: CallIds;
  private readonly choices: (ChoiceWriter | undefined)[] = [];
  private usage: TokenUsage | null = null;
  /** Of every chunk, up to its choices. */
  private head: string;
  private isClosed = false;

  constructor(context: ReplyContext) {
    this.context = context;
    this.ids = new CallIds(context);
    this.head = this.headOf(null, null, null);
  }

  push(part: StreamPart, emit: EmitEvent): void {
    if (this.isClosed) return;
    switch (part.kind) {
      case 'start':
        this.head = this.headOf(part.id, part.model, part.createdAt);
        this.choice(0, emit);
        return;
      case 'usage':
        this.usage = part.usage;
        return;
      case 'ping':
        emit(PING);
        return;
      case 'error':
        this.fail(part.error, emit);
        return;
      case 'end':
        this.end(emit);
        return;
      case 'finish':
        if (part.finish.reason === 'error') this.fail(brokenOff(part.finish.detail), emit);
        else this.choice(part.choice, emit).push(part, emit);
        return;
      default:
        this.choice(part.choice, emit).push(part, emit);
    }
  }

  /** The role goes ahead of what a choice says. */
  private choice(index: number, emit: EmitEvent): ChoiceWriter {
    const known = this.choices[index];
    if (known !== undefined) return known;
    const choice = new ChoiceWriter(this.head, index, this.ids);
    this.choices[index] = choice;
    choice.open(emit);
    return choice;
  }

  private end(emit: EmitEvent): void {
    this.isClosed = true;
    if (this.usage !== null) {
      const usage = JSON.stringify(writeUsage(this.usage));
      emit(new SseEvent(Buffer.from(`${this.head}],"usage":${usage}}\n\n`)));
    }
    emit(DONE);
  }

  private fail(error: ProviderError, emit: EmitEvent): void {
    this.isClosed = true;
    emit(new SseEvent(Buffer.from(`data: ${JSON.stringify(writeError(error))}\n\n`)));
  }

  private headOf(id: string | null, model: string | null, createdAt: number | null): string {
    const { context } = this;
    const chunk: JsonObject = {
      id: id ?? `chatcmpl-${context.id}`,
      object: 'chat.completion.chunk',
      created: createdAt ?? context.now,
      model: model ?? context.conversation.model,
      choices: [] satisfies JsonValue[],
    };
    return `data: ${JSON.stringify(chunk).slice(0, -2)}`;
  }
}

function brokenOff(detail: string | null): ProviderError {
  return { status: 502, message: `The provider broke the reply off: ${detail ?? 'no reason given'}.`, type: null };
}
