import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode } from '../core/json-document.ts';

/**
 * The data of an event that says nothing but one string of another event, with a new value: what clients merge or sum
 * up (roles, ids, names, usage, other lanes) is said once and left out; what tells them where the string belongs stays.
 */
export function carrierData(document: JsonDocument, node: JsonNode, value: string): string {
  let data = JSON.stringify(value);
  for (let at = node; at.parent !== null; at = at.parent) {
    const { parent } = at;
    data = parent.kind === JsonKind.array ? `[${data}]` : objectWith(document, parent, at, data);
  }
  return data;
}

function objectWith(document: JsonDocument, owner: JsonNode, member: JsonNode, data: string): string {
  const isRoot = owner.parent === null;
  const members = owner.children.filter((child) => child === member || staysWith(child, isRoot));
  const texts = members.map((child) => {
    const value = child === member ? data : document.text.slice(child.start, child.end);
    return `${JSON.stringify(child.key)}:${value}`;
  });
  return `{${texts.join(',')}}`;
}

/** The envelope, indices, and the `type` by which variants are told apart. */
function staysWith({ kind, key }: JsonNode, isRoot: boolean): boolean {
  if (kind === JsonKind.string) return isRoot || key === 'type';
  return kind > JsonKind.string;
}
