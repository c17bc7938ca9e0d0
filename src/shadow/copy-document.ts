import type { JsonDocument, JsonNode, TextEdit } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';

/** Answered as a whole, since nobody watches, and kept by nobody. Returns the document that it was given where it is so. */
export function copyDocument(operation: Operation, document: JsonDocument): JsonDocument {
  const { root } = document;
  const edits: TextEdit[] = [];
  const options = document.member(root, 'stream_options');
  if (options !== null) edits.push(removal(document, options));
  const stream = document.member(root, 'stream');
  if (stream !== null && document.isTrue(stream)) edits.push({ start: stream.start, end: stream.end, text: 'false' });
  const isAlone = root.children.length === (options === null ? 0 : 1);
  const store = storeEdit(operation, document, isAlone);
  if (store !== null) edits.push(store);
  return edits.length === 0 ? document : document.edited(edits);
}

/** Responses are kept unless the request says no, chat completions only where it says yes. */
function storeEdit(operation: Operation, document: JsonDocument, isAlone: boolean): TextEdit | null {
  const store = document.member(document.root, 'store');
  if (operation === 'chat' && !document.isTrue(store)) return null;
  if (operation !== 'chat' && operation !== 'responses') return null;
  if (store !== null) return { start: store.start, end: store.end, text: 'false' };
  const at = document.root.start + 1;
  return { start: at, end: at, text: isAlone ? '"store":false' : '"store":false,' };
}

/** The member with the comma before it, or, of the first one, the comma behind it. */
function removal({ root }: JsonDocument, member: JsonNode): TextEdit {
  const before = root.children[member.index - 1];
  if (before !== undefined) return { start: before.end, end: member.end, text: '' };
  return { start: member.keyStart, end: root.children[1]?.keyStart ?? member.end, text: '' };
}
