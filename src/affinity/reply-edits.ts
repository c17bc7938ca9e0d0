import { JsonKind, type JsonDocument, type JsonNode, type TextEdit } from '../core/json-document.ts';
import { mayBeId } from './named-ids.ts';

const RESULTS_PATH = '/v1/messages/batches/';

/**
 * Anthropic's batches carry an absolute address of their results, which clients call with their key: that of the gateway.
 * @param origin how the client reaches the gateway
 */
export function resultsAtGateway(document: JsonDocument, origin: string): readonly TextEdit[] {
  const { root } = document;
  const list = document.member(root, 'data')?.children ?? [];
  return [root, ...list].flatMap((batch) => {
    const node = document.member(batch, 'results_url');
    const url = document.string(node);
    if (node === null || url === null || !/^https?:\/\//.test(url)) return [];
    const at = url.indexOf(RESULTS_PATH);
    return at < 0 ? [] : [{ start: node.start, end: node.end, text: JSON.stringify(origin + url.slice(at)) }];
  });
}

/** The entries of a list that have ids; null where the reply is no list. */
export function listedObjects(
  document: JsonDocument,
): readonly { readonly node: JsonNode; readonly id: string }[] | null {
  const data = document.member(document.root, 'data');
  if (data === null || data.kind !== JsonKind.array) return null;
  const entries = data.children.filter(({ kind }) => kind === JsonKind.object);
  const listed = entries.map((node) => ({ node, id: document.string(document.member(node, 'id')) ?? '' }));
  return listed.filter(({ id }) => mayBeId(id));
}

/** Leaves entries out of a list: each with the comma that parts it from the others. */
export function withoutEntries(document: JsonDocument, hidden: ReadonlySet<JsonNode>): readonly TextEdit[] {
  const data = document.member(document.root, 'data')!;
  const kept = data.children.filter((node) => !hidden.has(node));
  if (kept.length === data.children.length) return [];
  const text = `[${kept.map(({ start, end }) => document.text.slice(start, end)).join(',')}]`;
  return [{ start: data.start, end: data.end, text }];
}
