import type { ModelCall } from '../core/call.ts';
import { applyEdits, JsonKind, type JsonDocument, type JsonNode, type TextEdit } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { JsonValue } from '../core/rollout.ts';

/** What a target or arm changes in the body; null leaves it as it is. */
export interface BodyChanges {
  readonly model: string | null;
  readonly params: Readonly<Record<string, JsonValue>> | null;
  /** The system prompt of a prompt version. */
  readonly system: string | null;
}

export interface UpstreamBody {
  readonly bytes: Buffer;
  readonly encoding: string | null;
}

/**
 * The bytes to send: those that came where nothing changes, otherwise the text with the changes spliced in.
 * @param clean the document after redaction
 */
export function upstreamBody(
  call: ModelCall,
  clean: JsonDocument,
  operation: Operation,
  changes: BodyChanges,
): UpstreamBody {
  const edits = isNothing(changes) ? NO_EDITS : collectEdits(clean, operation, changes);
  if (edits.length === 0 && clean === call.document) return { bytes: call.bytes, encoding: call.encoding };
  return { bytes: Buffer.from(applyEdits(clean.text, edits), 'utf8'), encoding: null };
}

/** The same as text, for what has to be read again. */
export function upstreamText(clean: JsonDocument, operation: Operation, changes: BodyChanges): string {
  return applyEdits(clean.text, collectEdits(clean, operation, changes));
}

const NO_EDITS: readonly TextEdit[] = [];

function isNothing({ model, params, system }: BodyChanges): boolean {
  return model === null && params === null && system === null;
}

function collectEdits(document: JsonDocument, operation: Operation, changes: BodyChanges): TextEdit[] {
  const edits: TextEdit[] = [];
  /** New values of top-level members; one each, the prompt before the parameters. */
  const members = new Map<string, string>();
  if (changes.model !== null) members.set('model', JSON.stringify(changes.model));
  for (const [name, value] of Object.entries(changes.params ?? {})) members.set(name, JSON.stringify(value));
  if (changes.system !== null) setSystemPrompt(document, operation, changes.system, members, edits);
  const inserted: string[] = [];
  for (const [name, text] of members) {
    const node = document.member(document.root, name);
    if (node === null) inserted.push(`${JSON.stringify(name)}:${text}`);
    else edits.push({ start: node.start, end: node.end, text });
  }
  if (inserted.length > 0) edits.push(insertMembers(document, inserted));
  return edits;
}

function insertMembers(document: JsonDocument, members: readonly string[]): TextEdit {
  const at = document.root.start + 1;
  const separator = document.root.children.length > 0 ? ',' : '';
  return { start: at, end: at, text: members.join(',') + separator };
}

/** Each protocol has its own place for the prompt; endpoints without one (embeddings, completions) are left alone. */
function setSystemPrompt(
  document: JsonDocument,
  operation: Operation,
  system: string,
  members: Map<string, string>,
  edits: TextEdit[],
): void {
  if (operation === 'messages' || operation === 'count_tokens') members.set('system', JSON.stringify(system));
  else if (operation === 'responses') members.set('instructions', JSON.stringify(system));
  else if (operation === 'chat') setSystemMessage(document, system, edits);
}

/** Replaces the content of a leading system or developer message, or puts a system message first. */
function setSystemMessage(document: JsonDocument, system: string, edits: TextEdit[]): void {
  const messages = document.member(document.root, 'messages');
  if (messages === null || messages.kind !== JsonKind.array) return;
  const first = messages.children[0];
  const content = first === undefined || !isSystem(document, first) ? null : document.member(first, 'content');
  if (content !== null) {
    edits.push({ start: content.start, end: content.end, text: JSON.stringify(system) });
    return;
  }
  const message = `{"role":"system","content":${JSON.stringify(system)}}`;
  const at = messages.start + 1;
  edits.push({ start: at, end: at, text: message + (first === undefined ? '' : ',') });
}

function isSystem(document: JsonDocument, message: JsonNode): boolean {
  const role = document.string(document.member(message, 'role'));
  return role === 'system' || role === 'developer';
}
