import type { Conversation, Message, Part, ToolResultPart } from '../conversation.ts';
import { malformed, type Notes } from '../notes.ts';
import { wantsSignatures } from './model.ts';
import { writeAudio, writeFile, writeImage, type GeminiPart } from './write-media.ts';
import { ModelTurn } from './write-model-turn.ts';
import { writeResult, type KnownCall } from './write-results.ts';

export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: GeminiPart[];
}

interface PlacedResult {
  readonly place: number;
  readonly part: GeminiPart;
}

/** The messages as alternating contents: neighbours of one role are one, results of tools stand first and in order. */
export function writeContents(conversation: Conversation, model: string, notes: Notes): Content[] {
  const writer = new ContentsWriter(conversation, model, notes);
  conversation.messages.forEach((message, index) => writer.write(message, index));
  return writer.finish();
}

class ContentsWriter {
  private readonly notes: Notes;
  private readonly isRecent: boolean;
  private readonly currentTurn: number;
  private readonly contents: Content[] = [];
  private readonly calls = new Map<string, KnownCall>();
  private user: { results: PlacedResult[]; parts: GeminiPart[] } | null = null;
  private assistant: ModelTurn | null = null;

  constructor({ messages }: Conversation, model: string, notes: Notes) {
    this.notes = notes;
    this.isRecent = wantsSignatures(model);
    this.currentTurn = messages.findLastIndex(({ role, parts }) => role === 'user' && !parts.every(isResult));
  }

  /** Instructions among the messages are not written here. */
  write(message: Message, index: number): void {
    if (message.role === 'system' || message.role === 'developer') return;
    if (message.name !== null) this.notes.approximatePath(`${message.path} (name)`);
    if (message.role === 'assistant') this.writeAssistant(message, index);
    else for (const part of message.parts) this.writeUserPart(part, message.path);
  }

  finish(): Content[] {
    this.endUser();
    this.endAssistant();
    return this.contents;
  }

  private writeAssistant({ parts, path }: Message, index: number): void {
    this.endUser();
    const needsSignature = this.isRecent && index > this.currentTurn;
    this.assistant ??= new ModelTurn(this.isRecent, needsSignature, this.notes);
    this.assistant.write(parts, path);
    for (const part of parts) {
      if (part.kind === 'tool_call') this.calls.set(part.id, { name: part.name, place: this.calls.size });
    }
  }

  private writeUserPart(part: Part, path: string): void {
    this.endAssistant();
    const user = (this.user ??= { results: [], parts: [] });
    if (part.kind !== 'tool_result') {
      user.parts.push(...writeUserPart(part, path, this.notes));
      return;
    }
    noteCache(part.cache, this.notes);
    const call = this.calls.get(part.callId);
    if (call === undefined) throw malformed(path, 'answers a tool call that is not in the conversation');
    const { part: written, after } = writeResult(part, call, path, this.isRecent, this.notes);
    user.results.push({ place: call.place, part: written });
    user.parts.push(...after);
  }

  private endUser(): void {
    if (this.user === null) return;
    const results = this.user.results.toSorted((one, other) => one.place - other.place).map(({ part }) => part);
    this.add('user', [...results, ...this.user.parts]);
    this.user = null;
  }

  private endAssistant(): void {
    if (this.assistant !== null) this.add('model', this.assistant.finish());
    this.assistant = null;
  }

  /** The vendor refuses contents without parts. */
  private add(role: Content['role'], parts: GeminiPart[]): void {
    if (parts.length > 0) this.contents.push({ role, parts });
  }
}

function isResult(part: Part): part is ToolResultPart {
  return part.kind === 'tool_result';
}

/** This vendor keeps prompts by itself. */
export function noteCache(cache: unknown, notes: Notes): void {
  if (cache !== null) notes.approximatePath('cache_control');
}

function writeUserPart(part: Part, path: string, notes: Notes): readonly GeminiPart[] {
  if ('cache' in part) noteCache(part.cache, notes);
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'image':
      return [writeImage(part, path, notes)];
    case 'file':
      return writeFile(part, path, notes);
    case 'audio':
      return [writeAudio(part)];
    case 'foreign':
      if (part.wire === 'gemini') return [part.value as GeminiPart];
      throw notes.refusalOf(path, `leave the part of type ${part.type} out`);
    default:
      throw malformed(path, `has a part (${part.kind}) that only an assistant's message can have`);
  }
}
