import { leaveOutAccountFields } from '../account-fields.ts';
import type { Conversation } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { noteCache, writeContents, type Content } from './write-contents.ts';
import { writeSettings } from './write-settings.ts';
import { writeTools } from './write-tools.ts';

/**
 * @throws GatewayError
 * @source https://ai.google.dev/api/generate-content
 */
export function writeRequest(conversation: Conversation, model: string, notes: Notes): unknown {
  const instructions = writeInstructions(conversation, notes);
  const contents = writeContents(conversation, model, notes);
  const generationConfig = writeSettings(conversation, model, notes);
  if (conversation.user !== null) notes.approximate('user');
  notes.refuseRest(conversation, leaveOutAccountFields(conversation, notes));
  return {
    ...placeInstructions(instructions, contents),
    ...writeTools(conversation, notes),
    ...(generationConfig === null ? {} : { generationConfig }),
  };
}

/** This vendor has one place for all of them. */
function writeInstructions({ system, messages }: Conversation, notes: Notes): readonly string[] {
  const texts = system.map(({ text, cache }) => {
    noteCache(cache, notes);
    return text;
  });
  for (const { role, path, parts } of messages) {
    if (role !== 'system' && role !== 'developer') continue;
    notes.approximatePath(path);
    for (const part of parts) {
      if (part.kind !== 'text') throw notes.refusalOf(path, 'send text only');
      noteCache(part.cache, notes);
      texts.push(part.text);
    }
  }
  return texts.filter((text) => text !== '');
}

/** Where there is nothing but instructions they are what is asked: the vendor wants contents. */
function placeInstructions(instructions: readonly string[], contents: readonly Content[]): Record<string, unknown> {
  const parts = instructions.map((text) => ({ text }));
  if (parts.length === 0) return { contents };
  return contents.length === 0 ? { contents: [{ role: 'user', parts }] } : { systemInstruction: { parts }, contents };
}
