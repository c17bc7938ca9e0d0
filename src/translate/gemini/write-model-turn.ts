import type { Part, ThinkingPart } from '../conversation.ts';
import { malformed, type Notes } from '../notes.ts';
import { writeImage, writeFile, writeAudio, type GeminiPart } from './write-media.ts';
import { writeCall } from './write-results.ts';

/**
 * Taken by the vendor for a call whose signature is unknown: one that another model made.
 * @source https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const UNKNOWN_SIGNATURE = 'skip_thought_signature_validator';

/** What the model said in one turn, as one content. */
export class ModelTurn {
  private readonly withIds: boolean;
  private readonly needsSignature: boolean;
  private readonly notes: Notes;
  private readonly parts: GeminiPart[] = [];
  /** For the part that comes next. */
  private signature: string | null = null;
  private hasCall = false;

  constructor(withIds: boolean, needsSignature: boolean, notes: Notes) {
    this.withIds = withIds;
    this.needsSignature = needsSignature;
    this.notes = notes;
  }

  write(parts: readonly Part[], path: string): void {
    parts.forEach((part, index) => {
      if (part.kind === 'thinking') this.think(part, path);
      else if (part.kind === 'hidden_thinking') this.notes.approximatePath(`${path} (thinking)`);
      else if (part.kind === 'tool_call') this.call(part, path);
      else for (const written of this.writeSaid(part, path)) this.add(written, this.isForCall(parts, index));
    });
  }

  finish(): GeminiPart[] {
    this.release();
    return this.parts;
  }

  private think({ text, signature }: ThinkingPart, path: string): void {
    if (signature?.wire !== 'gemini') {
      this.notes.approximatePath(`${path} (thinking)`);
      return;
    }
    this.release();
    if (text !== '') this.parts.push({ text, thought: true });
    this.signature = signature.value;
  }

  private call(part: Extract<Part, { kind: 'tool_call' }>, path: string): void {
    if (part.cache !== null) this.notes.approximatePath('cache_control');
    if (!this.hasCall && this.needsSignature) this.signature ??= UNKNOWN_SIGNATURE;
    this.hasCall = true;
    this.add(writeCall(part, path, this.withIds, this.notes), false);
  }

  /** @param passes the signature is for a later part */
  private add(part: GeminiPart, passes: boolean): void {
    const signed = this.signature === null || passes ? part : { ...part, thoughtSignature: this.signature };
    if (!passes) this.signature = null;
    this.parts.push(signed);
  }

  /** A signature with nothing behind it. */
  private release(): void {
    if (this.signature !== null) this.add({ text: '' }, false);
  }

  /** Clients of other formats keep thoughts in front of all else: where calls follow, the first of them was signed. */
  private isForCall(parts: readonly Part[], from: number): boolean {
    if (this.signature === null || this.hasCall) return false;
    for (let at = from + 1; at < parts.length; at++) {
      const part = parts[at]!;
      if (part.kind === 'tool_call') return true;
      if (part.kind === 'thinking' && part.signature?.wire === 'gemini') return false;
    }
    return false;
  }

  private writeSaid(part: Part, path: string): readonly GeminiPart[] {
    if ('cache' in part && part.cache !== null) this.notes.approximatePath('cache_control');
    switch (part.kind) {
      case 'text':
        if (part.citations.length > 0) this.notes.approximatePath(`${path} (citations)`);
        return part.text === '' ? [] : [{ text: part.text }];
      case 'refusal':
        this.notes.approximatePath(`${path} (refusal)`);
        return part.text === '' ? [] : [{ text: part.text }];
      case 'image':
        return [writeImage(part, path, this.notes)];
      case 'file':
        return writeFile(part, path, this.notes);
      case 'audio':
        return [writeAudio(part)];
      case 'foreign':
        if (part.wire === 'gemini') return [part.value as GeminiPart];
        throw this.notes.refusalOf(path, `leave the part of type ${part.type} out`);
      default:
        throw malformed(path, `has a part (${part.kind}) that only a user's message can have`);
    }
  }
}
