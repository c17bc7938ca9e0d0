import type { JsonValue } from '../core/rollout.ts';
import type { Choice, Completion, Finish, ProviderError, StreamPart, TokenUsage } from './completion.ts';
import type { Citation, Part, Signature } from './conversation.ts';

interface OpenChoice {
  readonly parts: Part[];
  finish: Finish | null;
  readonly logprobs: JsonValue[];
  open: Extract<StreamPart, { kind: 'block_start' }>['block'] | null;
  text: string;
  signature: Signature | null;
  readonly citations: Citation[];
}

/** What the parts of a stream amount to: a vendor whose whole replies look like its chunks is read by one reader. */
export class PartCollector {
  private readonly choices: OpenChoice[] = [];
  private head: Pick<Completion, 'id' | 'model' | 'createdAt'> = { id: null, model: null, createdAt: null };
  private usage: TokenUsage | null = null;
  error: ProviderError | null = null;

  readonly push = (part: StreamPart): void => {
    if (part.kind === 'start') this.head = { id: part.id, model: part.model, createdAt: part.createdAt };
    else if (part.kind === 'usage') this.usage = part.usage;
    else if (part.kind === 'error') this.error = part.error;
    else if ('choice' in part) collect((this.choices[part.choice] ??= openChoice()), part);
  };

  /** @param unfinished of a choice whose end was not told */
  completion(unfinished: Finish): Omit<Completion, 'serviceTier'> {
    const choices = Array.from(this.choices, (choice): Choice => {
      const content = (choice?.logprobs ?? []).flatMap((each) => (each as { content: JsonValue[] }).content);
      const logprobs = content.length === 0 ? null : { content, refusal: null };
      return { parts: choice?.parts ?? [], finish: choice?.finish ?? unfinished, logprobs };
    });
    return { ...this.head, choices, usage: this.usage };
  }
}

function openChoice(): OpenChoice {
  return { parts: [], finish: null, logprobs: [], open: null, text: '', signature: null, citations: [] };
}

function collect(choice: OpenChoice, part: Extract<StreamPart, { choice: number }>): void {
  if (part.kind === 'block_start') {
    Object.assign(choice, { open: part.block, text: '', signature: null, citations: [] });
  } else if (part.kind === 'delta') choice.text += part.text;
  else if (part.kind === 'signature') choice.signature = part.signature;
  else if (part.kind === 'citation') choice.citations.push(part.citation);
  else if (part.kind === 'logprobs') choice.logprobs.push(part.logprobs);
  else if (part.kind === 'finish') choice.finish = part.finish;
  else if (choice.open !== null) choice.parts.push(wholePart(choice, choice.open));
}

function wholePart({ text, signature, citations }: OpenChoice, block: NonNullable<OpenChoice['open']>): Part {
  switch (block.kind) {
    case 'text':
      return { kind: 'text', text, citations, cache: null };
    case 'refusal':
      return { kind: 'refusal', text };
    case 'thinking':
      return { kind: 'thinking', text, signature, id: block.id };
    case 'tool_call':
      return { ...block, arguments: text === '' ? '{}' : text, cache: null };
    case 'hidden_thinking':
      return { kind: 'hidden_thinking', data: block.data };
    default:
      return block.part;
  }
}
