import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode } from '../core/json-document.ts';

/** What an app gives a vendor to use in its name, below the `auth` of a credential that is to be kept. */
const KEPT = new Set(['token', 'access_token', 'refresh_token', 'client_secret', 'secret_value']);

/** Lists of what a token is for: tool servers, repositories. */
const TOKEN_HOLDERS: ReadonlySet<string | null> = new Set(['mcp_servers', 'resources']);

/** What a vendor makes for the app that asks for it, by the object that tells of it. */
const ISSUED: ReadonlyMap<string | null, string> = new Map([
  ['organization.admin_api_key', 'value'],
  ['organization.project.service_account.api_key', 'value'],
  ['chatkit.session', 'client_secret'],
  ['webhook_endpoint', 'signing_secret'],
  ['tunnel_token', 'tunnel_token'],
  ['work', 'secret'],
]);

/**
 * A credential in its own place of a protocol, where no model and nobody's prose comes: a placeholder there would only
 * make the call fail, or what was asked for useless.
 */
export function isEntrusted(document: JsonDocument, node: JsonNode): boolean {
  const { key, parent } = node;
  if (key === null || parent === null) return false;
  return isGiven(document, node, parent) || isIssued(document, node, parent) || isImageLink(document, node);
}

/** Of a server that the provider is to call. */
function isGiven(document: JsonDocument, node: JsonNode, parent: JsonNode): boolean {
  const key = node.key!;
  if (KEPT.has(key)) return outermost(parent)?.key === 'auth';
  if (key === 'authorization_token') return parent.parent === null || TOKEN_HOLDERS.has(parent.parent.key);
  if (parent.parent === null) return false;
  if (key === 'authorization') return isToolServer(document, parent);
  return parent.key === 'headers' && isToolServer(document, parent.parent);
}

function isToolServer(document: JsonDocument, tool: JsonNode): boolean {
  return tool.parent?.key === 'tools' && typeOf(document, tool) === 'mcp';
}

function isIssued(document: JsonDocument, { key }: JsonNode, parent: JsonNode): boolean {
  const isAlone = parent.parent === null || (parent.key === 'api_key' && parent.parent.parent === null);
  return isAlone && ISSUED.get(typeOf(document, parent)) === key;
}

/** Signed by the vendor, so that whoever asked for the image can load it. */
function isImageLink(document: JsonDocument, { key, parent }: JsonNode): boolean {
  const list = key === 'url' ? parent!.parent : null;
  if (list?.key !== 'data' || list.parent?.parent !== null) return false;
  return (
    document.member(document.root, 'created')?.kind === JsonKind.number && typeOf(document, document.root) === null
  );
}

function typeOf(document: JsonDocument, owner: JsonNode): string | null {
  return document.string(document.member(owner, 'object')) ?? document.string(document.member(owner, 'type'));
}

/** The member of the root that a value stands in; null for the root. */
function outermost(node: JsonNode): JsonNode | null {
  let at = node;
  if (at.parent === null) return null;
  while (at.parent!.parent !== null) at = at.parent!;
  return at;
}
