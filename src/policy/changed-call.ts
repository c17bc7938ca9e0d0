import type { ModelCall } from '../core/call.ts';
import type { JsonDocument, TextEdit } from '../core/json-document.ts';

/** The call as one for another model, down to its body. */
export function withModel(call: ModelCall, model: string): ModelCall {
  const document = call.document.edited([modelEdit(call.document, JSON.stringify(model))]);
  return { ...call, model, document, bytes: Buffer.from(document.text, 'utf8'), encoding: null };
}

function modelEdit(document: JsonDocument, text: string): TextEdit {
  const { root } = document;
  const node = document.member(root, 'model');
  if (node !== null) return { start: node.start, end: node.end, text };
  const at = root.start + 1;
  return { start: at, end: at, text: `"model":${text}${root.children.length > 0 ? ',' : ''}` };
}

/** With what rules say about it, over what its caller says. */
export function withTags(call: ModelCall, tags: Readonly<Record<string, string>>): ModelCall {
  return { ...call, metadata: new Map([...call.metadata, ...Object.entries(tags)]) };
}
