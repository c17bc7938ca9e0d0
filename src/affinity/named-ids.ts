import { GatewayError } from '../core/errors.ts';
import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';

/** What providers give out: random, so that no word of a path looks like it, and of characters that need no escape. */
const ID = /^(?=.*[\dA-Z])[A-Za-z0-9][A-Za-z0-9_.:-]{7,127}$/;

/** A server may leave out what stands around an id: spaces, parameters after `;`. */
const NO_ID = /[^A-Za-z0-9_.:-]/;

export function mayBeId(text: string): boolean {
  return ID.test(text);
}

/** The ids that a path names: `/v1/responses/resp_…/input_items`. What is none of them is unknown to everybody. */
export function idsInPath(url: string): readonly string[] {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return path
    .split('/')
    .slice(3)
    .flatMap((segment) => decoded(segment).split(NO_ID))
    .filter(mayBeId);
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Members whose value is an id, a list of ids, or an object with an `id`. */
const REFERENCES: ReadonlySet<string> = new Set([
  'previous_response_id',
  'response_id',
  'conversation',
  'conversation_id',
  'file_id',
  'file_ids',
  'input_file_id',
  'training_file',
  'validation_file',
  'image_file_id',
  'vector_store_id',
  'vector_store_ids',
  'container',
  'container_id',
  'batch_id',
  'thread_id',
  'assistant_id',
  'upload_id',
  'part_ids',
  'skill_id',
  'video_id',
]);

/** What models and people made up: an id in there names nothing. As a list, `input` holds what is sent. */
const FREE_FORM: ReadonlySet<string> = new Set([
  'metadata',
  'parameters',
  'input_schema',
  'schema',
  'input',
  'json_schema',
]);

/**
 * The ids of objects that a body names, wherever they stand in it.
 * @throws GatewayError `ambiguous_json` where a name differs from one of theirs by case only: some servers read it as that
 */
export function idsInBody(document: JsonDocument): readonly string[] {
  const ids: string[] = [];
  collect(document, document.root, ids);
  return ids;
}

function collect(document: JsonDocument, node: JsonNode, ids: string[]): void {
  const { children } = node;
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!;
    const { key } = child;
    if (key !== null) {
      if (REFERENCES.has(key)) take(document, child, ids);
      else if (key === 'id' && isReference(document, node)) take(document, child, ids);
      else if (document.hasUnusualKeys) refuseCaseVariant(document, child, key);
      if (child.kind === JsonKind.object && FREE_FORM.has(key)) continue;
    }
    if (child.kind <= JsonKind.array) collect(document, child, ids);
  }
}

/** An item of an earlier response, named in the place of the item itself, or a file of an evaluation. */
function isReference(document: JsonDocument, node: JsonNode): boolean {
  const type = document.string(document.member(node, 'type'));
  return type === 'item_reference' || type === 'file_id';
}

function take(document: JsonDocument, node: JsonNode, ids: string[]): void {
  const id = document.string(node.kind === JsonKind.object ? document.member(node, 'id') : node);
  if (id !== null && mayBeId(id)) ids.push(id);
  if (node.kind === JsonKind.array)
    for (const each of node.children) if (each.kind === JsonKind.string) take(document, each, ids);
}

function refuseCaseVariant(document: JsonDocument, node: JsonNode, key: string): void {
  const folded = key.toUpperCase().toLowerCase();
  if (folded === key || !REFERENCES.has(folded)) return;
  const message = `The field "${document.path(node).slice(0, 128)}" differs from "${folded}" by case only; write it in lower case.`;
  throw new GatewayError('ambiguous_json', message, { param: folded });
}
