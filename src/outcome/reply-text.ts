import type { Operation } from '../core/operation.ts';
import type { SseEvent } from '../core/sse.ts';
import { eventReader } from './read-events.ts';
import { ReplyContent } from './reply-content.ts';
import { readReply } from './read-reply.ts';

/** Collects what a model wrote, its calls of tools included; beyond 256 Ki characters nothing more. */
export class ReplyText {
  private readonly operation: Operation;
  private readonly choices: number;
  private readonly read: ReturnType<typeof eventReader>;
  private readonly content = new ReplyContent(true, true);

  /** @param choices how many were asked for */
  constructor(operation: Operation, choices: number) {
    this.operation = operation;
    this.choices = choices;
    this.read = eventReader(operation);
  }

  /** @throws where it cannot be read */
  whole(reply: unknown): void {
    readReply(this.operation, reply, this.content);
  }

  /** @throws where it cannot be read */
  event(event: SseEvent): void {
    this.read(event, this.content, this.choices);
  }

  /** A choice, then its calls, each on a line of its own. */
  text(): string {
    const lines = this.content.choices.flatMap(({ text, calls }) => [
      text,
      ...[...calls.values()].map((call) => `${call.name}(${call.arguments})`),
    ]);
    return lines.filter((line) => line !== '').join('\n');
  }
}
