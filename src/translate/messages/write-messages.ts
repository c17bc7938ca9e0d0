import type { Conversation, Instruction, Message, Part } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { objectOf, type JsonObject } from '../provider-json.ts';
import { withCache, writeBlock } from './write-block.ts';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

interface WrittenMessages {
  readonly system: readonly JsonObject[];
  readonly messages: readonly Turn[];
}

/** Neighbours of one role become one turn, results of tools first; instructions among the messages move to the top. */
export function writeMessages({ system, messages }: Conversation, notes: Notes): WrittenMessages {
  const instructions = system.map(writeInstruction);
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'user' || message.role === 'assistant') addTurn(turns, message.role, message, notes);
    else {
      notes.approximatePath(message.path);
      instructions.push(...message.parts.map((part) => hoisted(part, message, notes)));
    }
  }
  for (const turn of turns) if (turn.role === 'user') resultsFirst(turn.content);
  if (turns.length === 0) throw notes.refusalOf('messages', 'add a message of the user');
  return { system: instructions.filter(({ text }) => String(text).trim() !== ''), messages: turns };
}

function writeInstruction({ text, cache }: Pick<Instruction, 'text' | 'cache'>): JsonObject {
  return withCache({ type: 'text', text }, cache);
}

function hoisted(part: Part, { path }: Message, notes: Notes): JsonObject {
  if (part.kind === 'text') return writeInstruction(part);
  throw notes.refusalOf(path, 'leave only text in instructions');
}

function addTurn(turns: Turn[], role: Turn['role'], message: Message, notes: Notes): void {
  const { path, name, parts } = message;
  if (name !== null) notes.approximatePath(`${path}.name`);
  const place = { path, role };
  const blocks = parts.map((part) => writeBlock(part, place, notes)).filter((block) => block !== null);
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: blocks });
}

function resultsFirst(content: JsonObject[]): void {
  content.sort((a, b) => Number(isResult(b)) - Number(isResult(a)));
}

function isResult({ type }: JsonObject): boolean {
  return type === 'tool_result';
}

/** With a budget of thinking, the last turn of the assistant must begin with its thoughts where it calls tools. */
export function allowsThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant');
  if (last === undefined || !last.content.some(({ type }) => type === 'tool_use')) return true;
  const { type } = objectOf(last.content[0]);
  return type === 'thinking' || type === 'redacted_thinking';
}

/** Names of the tools that the assistant has called. */
export function calledTools(turns: readonly Turn[]): Set<string> {
  const names = new Set<string>();
  for (const { content } of turns) {
    for (const { type, name } of content) if (type === 'tool_use' && typeof name === 'string') names.add(name);
  }
  return names;
}
