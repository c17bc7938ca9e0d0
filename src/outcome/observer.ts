import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { ReplyFacts, ReplyObserver } from '../core/outcome.ts';
import type { SseEvent } from '../core/sse.ts';
import { readExpectation, type Expectation } from './expectation.ts';
import { eventReader } from './read-events.ts';
import { readReply } from './read-reply.ts';
import { ReplyContent } from './reply-content.ts';
import { toFacts } from './reply-facts.ts';

/**
 * What looks at the reply to a request.
 * @param document the body as the app sent it
 * @param choices how many it asked for
 * @returns null for endpoints whose replies hold no text
 */
export function observerOf(operation: Operation, document: JsonDocument, choices: number): ReplyObserver | null {
  const hasText =
    operation === 'chat' || operation === 'text_completion' || operation === 'responses' || operation === 'messages';
  return hasText ? new Observer(operation, readExpectation(operation, document), choices) : null;
}

class Observer implements ReplyObserver {
  private readonly operation: Operation;
  private readonly choices: number;
  private readonly expected: Expectation;
  private readonly read: ReturnType<typeof eventReader>;
  private readonly content: ReplyContent;
  private hasFailed = false;

  constructor(operation: Operation, expected: Expectation, choices: number) {
    this.operation = operation;
    this.expected = expected;
    this.choices = choices;
    this.read = eventReader(operation);
    this.content = new ReplyContent(expected.json !== null && expected.json !== 'unknown', expected.tools !== null);
  }

  whole(reply: unknown): void {
    // What nests deeper than can be written as text must not fail the reply of a client that can read it.
    try {
      readReply(this.operation, reply, this.content);
    } catch {
      this.hasFailed = true;
    }
  }

  event(event: SseEvent): void {
    try {
      this.read(event, this.content, this.choices);
    } catch {
      this.hasFailed = true;
    }
  }

  opening(): string {
    return this.content.choices[0]?.opening.text ?? '';
  }

  facts(finishReason: string): ReplyFacts | null {
    return this.hasFailed ? null : toFacts(this.content, this.expected, finishReason);
  }
}
