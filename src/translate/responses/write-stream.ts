import type { JsonValue } from '../../core/rollout.ts';
import type { EmitEvent } from '../../core/stream-transform.ts';
import { SseEvent } from '../../core/sse.ts';
import type { Finish, ProviderError, StreamPart, TokenUsage } from '../completion.ts';
import type { ReplyContext, StreamWriter } from '../format.ts';
import { writeError } from '../openai/errors.ts';
import { EventSink } from './event-sink.ts';
import { OutputWriter } from './write-output.ts';
import { failed, failureCode, IN_PROGRESS, writeFinish, type Status } from './status.ts';
import { writeResponse, type ResponseFacts } from './write-response.ts';

const PING = new SseEvent(Buffer.from(': ping\n\n'));
const UNKNOWN: ResponseFacts = { id: null, model: null, createdAt: null, serviceTier: null };
const STOPPED: Finish = { reason: 'stop', stopSequence: null, detail: null };

export class ResponsesStreamWriter implements StreamWriter {
  private readonly context: ReplyContext;
  private readonly sink = new EventSink();
  private readonly output: OutputWriter;
  private facts = UNKNOWN;
  private isStarted = false;
  private isClosed = false;
  private usage: TokenUsage | null = null;
  private finish = STOPPED;

  constructor(context: ReplyContext) {
    this.context = context;
    this.output = new OutputWriter(context, this.sink);
  }

  get items(): readonly JsonValue[] {
    return this.output.done;
  }

  push(part: StreamPart, emit: EmitEvent): void {
    if (this.isClosed) return;
    switch (part.kind) {
      case 'start':
        this.facts = { ...part, serviceTier: null };
        this.start(emit);
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
      default:
        this.pushChoice(part, emit);
    }
  }

  /** Clients of this format ask for one reply only. */
  private pushChoice(part: Extract<StreamPart, { choice: number }>, emit: EmitEvent): void {
    if (part.choice !== 0) return;
    this.start(emit);
    if (part.kind === 'finish') this.finish = part.finish;
    else this.output.push(part, emit);
  }

  private start(emit: EmitEvent): void {
    if (this.isStarted) return;
    this.isStarted = true;
    const response = this.response(IN_PROGRESS, []);
    this.sink.send('response.created', { response }, emit);
    this.sink.send('response.in_progress', { response }, emit);
  }

  private end(emit: EmitEvent): void {
    this.start(emit);
    this.isClosed = true;
    const output = this.output.end(emit);
    const status = writeFinish(this.finish);
    this.sink.send(`response.${status.status}`, { response: this.response(status, output) }, emit);
  }

  /** Clients look for the one event or for the other. */
  private fail(error: ProviderError, emit: EmitEvent): void {
    this.start(emit);
    this.isClosed = true;
    const told = writeError({ ...error, type: error.type ?? failureCode(error.status) });
    this.sink.send('error', { ...told }, emit);
    this.sink.send('response.failed', { response: this.response(failed(error), this.output.done) }, emit);
  }

  private response(status: Status, output: readonly JsonValue[]): ReturnType<typeof writeResponse> {
    return writeResponse(this.facts, this.context, status, output, this.usage);
  }
}
