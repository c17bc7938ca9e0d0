import { idsInBody, idsInPath } from './affinity/named-ids.ts';
import type { ModelCall } from './core/call.ts';
import { GatewayError } from './core/errors.ts';
import { applyEdits, JsonDocument, type JsonNode } from './core/json-document.ts';
import type { Principal } from './core/principal.ts';
import { peekForm, type PeekedForm } from './ingress/peek-form.ts';
import { boundaryOf } from './ingress/multipart-filter.ts';
import { readFields } from './ingress/read-call.ts';
import { NOTHING_HELD, type Upload } from './ingress/upload.ts';
import type { OpenCall } from './open-calls.ts';

/** A call that is passed through, as far as it was read: what it names decides where it goes. */
export interface PassedCall {
  readonly upload: Upload;
  /** Of its path and its body. */
  readonly ids: readonly string[];
  /** Null: it names no model that is configured. */
  readonly call: ModelCall | null;
  /** Null: it is no form. */
  readonly form: PeekedForm | null;
  /** Null: it is none. */
  readonly batch: MessageBatch | null;
}

/** The models of a batch of messages; their names stand in it once for each request. */
export interface MessageBatch {
  readonly models: readonly string[];
  /** The same with other names. */
  renamed(nameOf: (model: string) => string): Upload;
}

/** @throws GatewayError `ambiguous_json`, `json_too_deep`, `invalid_request` where nobody can tell what it names */
export async function readPassed(open: OpenCall, principal: Principal, upload: Upload): Promise<PassedCall> {
  const { incoming, snapshot, exchange } = open;
  // A model is no object of anybody.
  const ids = exchange.operation === 'models' ? [] : idsInPath(incoming.url!);
  const nothing = { upload, ids, call: null, form: null, batch: null };
  const isServed = (model: string | null): model is string => model !== null && snapshot.routes.match(model) !== null;
  if (upload.json !== null) {
    const document = parseNamed(upload.json);
    if (document === null) return nothing;
    const named = [...ids, ...idsInBody(document)];
    const batch = isBatch(open) ? batchOf(document) : null;
    const model = document.string(document.member(document.root, 'model'));
    const call = isServed(model) ? callOf(open, principal, document, upload) : null;
    return { upload, ids: named, call, form: null, batch };
  }
  const boundary = NAMING_FORMS.test(incoming.url!) ? formBoundary(incoming.headers['content-type'] ?? '') : null;
  if (boundary === null) return nothing;
  const form = await peekForm(upload, boundary, snapshot.config.passthrough.lookAhead, incoming, exchange);
  const isNamed = isServed(form.model);
  const call = isNamed
    ? callOf(open, principal, JsonDocument.parse(JSON.stringify({ model: form.model })), upload)
    : null;
  return { upload: form.upload, ids, call, form, batch: null };
}

/** Endpoints whose forms name a model. Others, such as files, are not held up to be looked through. */
const NAMING_FORMS = /^\/v1\/(?:audio|images|videos)(?:\/|\?|$)/;

function formBoundary(contentType: string): string | null {
  return /^\s*multipart\/form-data\b/i.test(contentType) ? boundaryOf(contentType) : null;
}

/** Null where it names none, or nobody can tell. */
export function modelIn(json: Buffer): string | null {
  try {
    const document = JsonDocument.parse(json.toString('utf8'));
    return document.string(document.member(document.root, 'model'));
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Null where it is no JSON: the provider says so. What servers read in different ways is refused. */
function parseNamed(bytes: Buffer): JsonDocument | null {
  try {
    return JsonDocument.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_json') return null;
    throw error;
  }
}

function callOf({ incoming }: OpenCall, principal: Principal, document: JsonDocument, upload: Upload): ModelCall {
  refuseOtherCase(document);
  const said = readFields(document, incoming.headers['x-sluice-metadata'], principal);
  const body = upload.json ?? Buffer.alloc(0);
  return { ...said, bytes: body, encoding: null, path: incoming.url! };
}

/** A server that ignores case would take another model than the one that was judged. */
function refuseOtherCase({ root, hasUnusualKeys }: JsonDocument): void {
  if (!hasUnusualKeys) return;
  for (const { key } of root.children)
    if (key !== 'model' && key!.toUpperCase().toLowerCase() === 'model')
      throw new GatewayError('ambiguous_json', 'A field differs from "model" by case only; write it in lower case.', {
        param: 'model',
      });
}

function isBatch({ incoming }: OpenCall): boolean {
  return incoming.method === 'POST' && /^\/v1\/messages\/batches(?:\?|$)/.test(incoming.url!);
}

function batchOf(document: JsonDocument): MessageBatch | null {
  const nodes: { readonly node: JsonNode; readonly model: string }[] = [];
  for (const request of document.member(document.root, 'requests')?.children ?? []) {
    const params = document.member(request, 'params');
    const node = params === null ? null : document.member(params, 'model');
    const model = document.string(node);
    if (node === null || model === null) return null;
    nodes.push({ node, model });
  }
  if (nodes.length === 0) return null;
  return {
    models: [...new Set(nodes.map(({ model }) => model))],
    renamed: (nameOf) => {
      const edits = nodes.map(({ node, model }) => ({
        start: node.start,
        end: node.end,
        text: JSON.stringify(nameOf(model)),
      }));
      const bytes = Buffer.from(applyEdits(document.text, edits), 'utf8');
      return { open: () => bytes, length: String(bytes.length), encoding: null, json: bytes, discard: NOTHING_HELD };
    },
  };
}
