import type { Wire } from '../core/translation.ts';
import type { Completion, StreamPart } from './completion.ts';
import type { Part } from './conversation.ts';

/** Gives ids to the calls of a provider that has none: the same in a stream and in a whole reply, in order. */
export class CallIds {
  private readonly prefix: string;
  private count = 0;

  /** @param exchange made for this exchange: letters and digits */
  constructor(client: Wire, exchange: string) {
    this.prefix = `${client === 'messages' ? 'toolu' : 'call'}_${exchange}_`;
  }

  named(part: StreamPart): StreamPart {
    if (part.kind !== 'block_start' || part.block.kind !== 'tool_call') return part;
    const own = this.next();
    return part.block.id === '' ? { ...part, block: { ...part.block, id: own } } : part;
  }

  namedIn(completion: Completion): Completion {
    const choices = completion.choices.map((choice) => ({
      ...choice,
      parts: choice.parts.map((part) => this.call(part)),
    }));
    return { ...completion, choices };
  }

  private call(part: Part): Part {
    if (part.kind !== 'tool_call') return part;
    const own = this.next();
    return part.id === '' ? { ...part, id: own } : part;
  }

  private next(): string {
    return `${this.prefix}${this.count++}`;
  }
}
