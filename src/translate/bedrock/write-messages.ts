import { createHash } from 'node:crypto';
import type { CacheMark, Conversation, Message, Part, ToolCallPart, ToolResultPart } from '../conversation.ts';
import { malformed, type Notes } from '../notes.ts';
import { isObject, parseJson } from '../provider-json.ts';
import { writeAudio, writeFile, writeImage, type BedrockBlock } from './write-media.ts';

interface WrittenMessage {
  readonly role: 'user' | 'assistant';
  readonly content: BedrockBlock[];
}

/** The messages as alternating ones: neighbours of one role are one, results of tools stand first. */
export function writeMessages({ messages }: Conversation, notes: Notes): WrittenMessage[] {
  const writer = new MessagesWriter(notes);
  for (const message of messages) writer.write(message);
  return writer.written.filter(({ content }) => content.length > 0);
}

class MessagesWriter {
  readonly written: WrittenMessage[] = [];
  private readonly notes: Notes;
  /** Results that stand at the front of the last message. */
  private results = 0;
  private documents = 0;
  private readonly calls = new Set<string>();

  constructor(notes: Notes) {
    this.notes = notes;
  }

  /** Instructions among the messages are not written here. */
  write(message: Message): void {
    const { role, path } = message;
    if (role === 'system' || role === 'developer') return;
    if (message.name !== null) this.notes.approximatePath(`${path} (name)`);
    const { content } = this.messageOf(role);
    for (const part of message.parts) {
      const blocks = role === 'user' ? this.writeAsked(part, path) : this.writeSaid(part, path);
      if (blocks.length > 0 && 'cache' in part) blocks.push(...cachePoint(part.cache));
      if (part.kind === 'tool_result') {
        content.splice(this.results, 0, ...blocks);
        this.results += blocks.length;
      } else content.push(...blocks);
    }
  }

  private messageOf(role: WrittenMessage['role']): WrittenMessage {
    const last = this.written.at(-1);
    if (last?.role === role) return last;
    const message: WrittenMessage = { role, content: [] };
    this.results = 0;
    this.written.push(message);
    return message;
  }

  private writeAsked(part: Part, path: string): BedrockBlock[] {
    if (part.kind === 'tool_result') return [this.writeResult(part, path)];
    return this.writeMedia(part, path) ?? this.reject(part, path, "an assistant's");
  }

  private writeSaid(part: Part, path: string): BedrockBlock[] {
    switch (part.kind) {
      case 'thinking':
        if (part.signature?.wire !== 'bedrock') return this.leaveThinking(path);
        return [reasoning({ reasoningText: { text: part.text, signature: part.signature.value } })];
      case 'hidden_thinking':
        if (part.data.wire !== 'bedrock') return this.leaveThinking(path);
        return [reasoning({ redactedContent: part.data.value })];
      case 'refusal':
        this.notes.approximatePath(`${path} (refusal)`);
        return part.text === '' ? [] : [{ text: part.text }];
      case 'tool_call':
        return [this.writeCall(part, path)];
      default:
        return this.writeMedia(part, path) ?? this.reject(part, path, "a user's");
    }
  }

  /** Null: none of what both sides may say. */
  private writeMedia(part: Part, path: string): BedrockBlock[] | null {
    switch (part.kind) {
      case 'text':
        if (part.citations.length > 0) this.notes.approximatePath(`${path} (citations)`);
        return part.text === '' ? [] : [{ text: part.text }];
      case 'image':
        return [writeImage(part, path, this.notes)];
      case 'file':
        return [writeFile(part, ++this.documents, path, this.notes)];
      case 'audio':
        return [writeAudio(part)];
      case 'foreign':
        if (part.wire === 'bedrock') return [part.value as BedrockBlock];
        throw this.notes.refusalOf(path, `leave the part of type ${part.type} out`);
      default:
        return null;
    }
  }

  private writeCall(call: ToolCallPart, path: string): BedrockBlock {
    if (call.isCustom) throw this.notes.refusalOf(path, 'leave calls of custom tools out');
    const input = parseJson(call.arguments === '' ? '{}' : call.arguments);
    if (!isObject(input)) throw malformed(path, `has a call of ${call.name} whose arguments are not a JSON object`);
    this.calls.add(call.id);
    return { toolUse: { toolUseId: allowedId(call.id), name: call.name, input } };
  }

  private writeResult(result: ToolResultPart, path: string): BedrockBlock {
    if (!this.calls.has(result.callId)) throw malformed(path, 'answers a tool call that is not in the conversation');
    const content = result.content.flatMap((part) => this.writeMedia(part, path) ?? []);
    const failed = result.isError === true ? { status: 'error' } : {};
    return { toolResult: { toolUseId: allowedId(result.callId), content, ...failed } };
  }

  private leaveThinking(path: string): BedrockBlock[] {
    this.notes.approximatePath(`${path} (thinking)`);
    return [];
  }

  private reject(part: Part, path: string, whose: string): never {
    throw malformed(path, `has a part (${part.kind}) that only ${whose} message can have`);
  }
}

function reasoning(content: BedrockBlock): BedrockBlock {
  return { reasoningContent: content };
}

/** The vendor takes letters, digits, `_` and `-`, 64 at most; ids of others are told apart by their hash. */
function allowedId(id: string): string {
  if (/^[\w-]{1,64}$/.test(id)) return id;
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}

/** Stands behind what it marks. */
export function cachePoint(cache: CacheMark | null): readonly BedrockBlock[] {
  if (cache === null) return [];
  return [{ cachePoint: { type: 'default', ...(cache.ttl === null ? {} : { ttl: cache.ttl }) } }];
}
