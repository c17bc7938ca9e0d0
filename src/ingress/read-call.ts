import type { IncomingMessage } from 'node:http';
import type { ModelCall } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument, JsonKind, type JsonNode } from '../core/json-document.ts';
import { metadataOf, type Principal } from '../core/principal.ts';
import type { Bytes } from '../core/units.ts';
import { readJson } from './read-json.ts';

/** The bounded body, parsed once. @throws GatewayError 400, 408, 413, 415 */
export async function readCall(
  incoming: IncomingMessage,
  exchange: Exchange,
  principal: Principal,
  maxBodyBytes: Bytes,
  clock: Clock,
): Promise<ModelCall> {
  const { bytes, encoding, document } = await readJson(incoming, exchange, maxBodyBytes, clock);
  rejectCaseVariants(document);
  exchange.choices = choicesOf(document);
  const said = readFields(document, incoming.headers['x-sluice-metadata'], principal);
  exchange.wantsStream = said.stream;
  exchange.requestedModel = said.model ?? '';
  return { ...said, bytes, encoding, path: incoming.url! };
}

/** What a body says about the call. @param header `x-sluice-metadata` @throws GatewayError `invalid_request` */
export function readFields(
  document: JsonDocument,
  header: string | string[] | undefined,
  principal: Principal,
): Omit<ModelCall, 'bytes' | 'encoding' | 'path'> {
  return {
    model: optionalString(document, 'model'),
    stream: document.isTrue(document.member(document.root, 'stream')),
    user: readUser(document),
    metadata: readMetadata(document, header, principal),
    document,
  };
}

function optionalString(document: JsonDocument, name: string): string | null {
  const node = document.member(document.root, name);
  if (node === null || document.isNull(node)) return null;
  const value = document.string(node);
  if (value === null) throw new GatewayError('invalid_request', `"${name}" must be a string.`, { param: name });
  return value;
}

/** `n`, for each prompt where the completions endpoint is given several. */
export function choicesOf(document: JsonDocument): number {
  const n = document.number(document.member(document.root, 'n')) ?? 1;
  const prompts = document.member(document.root, 'prompt')?.children.length ?? 0;
  return Math.max(1, n) * Math.max(1, prompts);
}

function readUser(document: JsonDocument): string | null {
  const user = document.string(document.member(document.root, 'user'));
  if (user !== null) return user;
  const metadata = document.member(document.root, 'metadata');
  return metadata === null ? null : document.string(document.member(metadata, 'user_id'));
}

function readMetadata(
  document: JsonDocument,
  header: string | string[] | undefined,
  principal: Principal,
): ReadonlyMap<string, string> {
  const body = document.member(document.root, 'metadata');
  const own = metadataOf(principal);
  if (header === undefined && (body === null || body.children.length === 0)) return own;
  const metadata = new Map<string, string>();
  if (body !== null) addScalars(metadata, document, body);
  if (typeof header === 'string') addScalars(metadata, ...parseMetadataHeader(header));
  // Last, so that nobody can talk away what the key says about them.
  for (const [name, value] of own) metadata.set(name, value);
  return metadata;
}

function parseMetadataHeader(header: string): [JsonDocument, JsonNode] {
  try {
    const document = JsonDocument.parse(header);
    const isFlat =
      document.root.kind === JsonKind.object && document.root.children.every((child) => child.kind >= JsonKind.string);
    if (isFlat) return [document, document.root];
  } catch {
    // One answer for every way in which the header is not a flat object.
  }
  const message = 'The header x-sluice-metadata must be a flat JSON object, such as {"team":"search"}.';
  throw new GatewayError('invalid_request', message, { param: 'x-sluice-metadata' });
}

function addScalars(metadata: Map<string, string>, document: JsonDocument, object: JsonNode): void {
  for (const child of object.children) {
    if (child.key === null || child.kind < JsonKind.string || document.isNull(child)) continue;
    metadata.set(child.key, document.string(child) ?? document.text.slice(child.start, child.end));
  }
}

/** Fields that decide routing, policy or redaction: a parser that ignores case would read other values than we judged. */
const JUDGED_FIELDS = new Set(
  (
    'model messages prompt input instructions system stream stream_options user metadata tools tool_choice functions n ' +
    'max_tokens max_completion_tokens max_output_tokens temperature response_format role content text type tool_calls ' +
    'mcp_servers web_search_options name custom ' +
    'function arguments parts suffix best_of n_predict max_new_tokens prediction background previous_response_id ' +
    'service_tier speed inference_geo'
  ).split(' '),
);
/** Lists whose objects hold judged fields. As objects, `input`, `content` and `prompt` are free-form: tool input, variables. */
const JUDGED_LISTS = new Set(
  'messages input content system tools functions mcp_servers tool_calls parts prompt'.split(' '),
);
const JUDGED_OBJECTS = new Set(['function', 'custom', 'tool_choice']);

function rejectCaseVariants(document: JsonDocument): void {
  if (document.hasUnusualKeys) rejectCaseVariantsIn(document, document.root);
}

function rejectCaseVariantsIn(document: JsonDocument, node: JsonNode): void {
  for (const child of node.children) {
    const { key } = child;
    if (key !== null) {
      // Upper before lower case: folds the long s and the Kelvin sign as case-insensitive parsers do.
      const folded = key.toUpperCase().toLowerCase();
      if (folded !== key && JUDGED_FIELDS.has(folded)) failCaseVariant(document, child, folded);
      if (!(child.kind === JsonKind.array ? JUDGED_LISTS : JUDGED_OBJECTS).has(key)) continue;
    }
    if (child.kind <= JsonKind.array) rejectCaseVariantsIn(document, child);
  }
}

function failCaseVariant(document: JsonDocument, node: JsonNode, folded: string): never {
  const message = `The field "${document.path(node).slice(0, 128)}" differs from "${folded}" by case only; write it in lower case.`;
  throw new GatewayError('ambiguous_json', message, { param: folded });
}
