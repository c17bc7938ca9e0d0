import type { JsonValue } from '../../core/rollout.ts';
import type {
  Conversation,
  FilePart,
  ImagePart,
  Message,
  Part,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../conversation.ts';
import type { Notes } from '../notes.ts';
import type { JsonObject } from '../openai/fields.ts';
import { isThoughtMember } from './thought-member.ts';
import { writeContent } from './write-content.ts';

type Mutable = { [name: string]: JsonValue };

export function writeMessages({ system, messages }: Conversation, notes: Notes): JsonValue[] {
  const written: JsonValue[] = system.map(({ role, text, cache }) => {
    if (cache !== null) notes.approximatePath('cache_control');
    return { role, content: text };
  });
  const writer = new MessageWriter(written, notes);
  for (const message of messages) writer.push(message);
  writer.end();
  return written;
}

/** Results follow their calls at once; what the vendor cannot put into a result comes after the last of them. */
class MessageWriter {
  private readonly written: JsonValue[];
  private readonly notes: Notes;
  /** Images and files of results, kept until no result follows. */
  private held: Part[] = [];

  constructor(written: JsonValue[], notes: Notes) {
    this.written = written;
    this.notes = notes;
  }

  push(message: Message): void {
    if (message.role === 'assistant') {
      this.end();
      this.written.push(this.assistant(message));
      return;
    }
    const others: Part[] = [];
    for (const part of message.parts) {
      if (part.kind === 'tool_result') this.result(message, part);
      else others.push(part);
    }
    if (others.length > 0 || message.parts.length === 0) this.said(message, others);
  }

  end(): void {
    if (this.held.length === 0) return;
    const message: Message = { path: 'messages', role: 'user', name: null, parts: this.held };
    this.held = [];
    this.written.push({ role: 'user', content: writeContent(message, message.parts, this.notes) });
  }

  private said(message: Message, parts: readonly Part[]): void {
    const all = message.role === 'user' ? [...this.held, ...parts] : parts;
    if (message.role === 'user') this.held = [];
    else this.end();
    const content = writeContent(message, all, this.notes);
    this.written.push({ role: message.role, ...named(message), content });
  }

  private result(message: Message, { callId, content, isError, cache }: ToolResultPart): void {
    if (isError === true) this.notes.approximatePath(`${message.path} (is_error)`);
    if (cache !== null) this.notes.approximatePath('cache_control');
    const texts = content.filter(({ kind }) => kind === 'text');
    const media = content.filter((part): part is ImagePart | FilePart => part.kind !== 'text');
    if (media.length > 0) this.notes.approximatePath(`${message.path} (media of a tool result)`);
    this.held.push(...media);
    this.written.push({ role: 'tool', tool_call_id: callId, content: writeContent(message, texts, this.notes) });
  }

  private assistant(message: Message): JsonObject {
    const written: Mutable = { role: 'assistant', ...named(message) };
    const said: Part[] = [];
    const calls: JsonValue[] = [];
    const refusals: string[] = [];
    for (const part of message.parts) {
      if (part.kind === 'thinking') this.thought(part, message, written);
      else if (part.kind === 'hidden_thinking') this.notes.approximatePath(`${message.path} (thinking)`);
      else if (part.kind === 'tool_call') calls.push(this.call(part));
      else if (part.kind === 'refusal') refusals.push(part.text);
      else said.push(this.spoken(part, message));
    }
    const isSilent = said.length === 0 && (calls.length > 0 || refusals.length > 0);
    written['content'] = isSilent ? null : writeContent(message, said, this.notes);
    if (refusals.length > 0) written['refusal'] = refusals.join('\n');
    if (calls.length > 0) written['tool_calls'] = calls;
    return written;
  }

  private spoken(part: Part, { path }: Message): Part {
    if (part.kind === 'text') {
      if (part.citations.length > 0) this.notes.approximatePath(`${path} (citations)`);
      return part;
    }
    if (part.kind === 'foreign') return part;
    throw this.notes.refusalOf(path, `remove its part "${part.kind}"`);
  }

  /** Only to the server that has thought it: it has said in which member it wants it. */
  private thought({ text, signature }: ThinkingPart, { path }: Message, written: Mutable): void {
    if (signature?.wire !== 'chat' || !isThoughtMember(signature.value)) {
      this.notes.approximatePath(`${path} (thinking)`);
      return;
    }
    const before = written[signature.value];
    written[signature.value] = typeof before === 'string' ? before + text : text;
  }

  private call({ id, name, arguments: text, isCustom, cache }: ToolCallPart): JsonObject {
    if (cache !== null) this.notes.approximatePath('cache_control');
    if (isCustom) return { id, type: 'custom', custom: { name, input: text } };
    return { id, type: 'function', function: { name, arguments: text } };
  }
}

function named({ name }: Message): { readonly name?: string } {
  return name === null ? {} : { name };
}
