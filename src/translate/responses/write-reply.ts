import type { JsonValue } from '../../core/rollout.ts';
import type { Choice, Completion } from '../completion.ts';
import type { Part } from '../conversation.ts';
import type { ReplyContext } from '../format.ts';
import { CallIds } from '../openai/call-ids.ts';
import { listOf, objectOf } from '../openai/fields.ts';
import { callItem, itemId, messageItem } from './output-items.ts';
import { writeReasoning } from './reasoning-item.ts';
import { writeFinish } from './status.ts';
import { writeOutputText } from './write-content.ts';
import { writeResponse } from './write-response.ts';

const NOTHING: Choice = { parts: [], finish: { reason: 'stop', stopSequence: null, detail: null }, logprobs: null };

/** Clients of this format ask for one reply only. */
export function writeReply(completion: Completion, context: ReplyContext): unknown {
  const choice = completion.choices[0] ?? NOTHING;
  const output = new ItemWriter(context, listOf(objectOf(choice.logprobs)['content'])).write(choice.parts);
  return writeResponse(completion, context, writeFinish(choice.finish), output, completion.usage);
}

class ItemWriter {
  private readonly context: ReplyContext;
  private readonly ids: CallIds;
  private readonly output: JsonValue[] = [];
  private said: JsonValue[] = [];
  /** Told with the first text: other vendors do not tell them for each. */
  private logprobs: readonly JsonValue[];

  constructor(context: ReplyContext, logprobs: readonly JsonValue[]) {
    this.context = context;
    this.ids = new CallIds(context);
    this.logprobs = logprobs;
  }

  write(parts: readonly Part[]): readonly JsonValue[] {
    for (const part of parts) this.push(part);
    this.endSaid();
    return this.output;
  }

  private push(part: Part): void {
    if (part.kind === 'text') {
      this.said.push({ ...writeOutputText(part.text, part.citations), logprobs: this.logprobs });
      this.logprobs = [];
    } else if (part.kind === 'refusal') this.said.push({ type: 'refusal', refusal: part.text });
    else {
      this.endSaid();
      this.add(part);
    }
  }

  private add(part: Part): void {
    if (part.kind === 'thinking') this.output.push(writeReasoning(part, part.id ?? this.nextId('rs')));
    else if (part.kind === 'hidden_thinking') this.output.push(writeReasoning(part, this.nextId('rs')));
    else if (part.kind === 'tool_call') {
      const id = this.nextId(part.isCustom ? 'ctc' : 'fc');
      this.output.push(callItem(id, { ...part, id: this.ids.next(part.id) }, part.arguments, 'completed'));
    } else if (part.kind === 'foreign' && part.wire === 'responses') this.output.push(part.value);
  }

  private endSaid(): void {
    if (this.said.length > 0) this.output.push(messageItem(this.nextId('msg'), this.said, 'completed'));
    this.said = [];
  }

  private nextId(prefix: string): string {
    return itemId(prefix, this.context, this.output.length);
  }
}
