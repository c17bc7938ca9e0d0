import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { Chars } from '../core/units.ts';
import { isEntrusted } from './entrusted.ts';

/** Fields of the protocols whose strings are names and ids: machines read them, nobody writes prose in them. */
const STRUCTURAL = new Set([
  'model',
  'role',
  'type',
  'object',
  'id',
  'finish_reason',
  'stop_reason',
  'native_finish_reason',
  'system_fingerprint',
  'service_tier',
  'status',
  'turnToken',
]);
/** Ids that the protocols give; `account_id` and the like are the caller's own. */
const ID_FIELD =
  /^(?:(?:previous_)?response|item|(?:tool_)?call|tool_use|file|vector_store|container|conversation|thread|run|step|assistant|message|batch|request|approval_request|custom|upload|part|model|session|event|parent|image|skill|project|organization|checkpoint|eval)_ids?$/;
/** An id is one word; a sentence, address or key with other characters in such a field is inspected as text. */
const ID_VALUE = /^[A-Za-z0-9_.:|=+/-]{0,256}$/;
/** Fields with base64 of any length that comes back to its maker unchanged or is refused. */
const SEALS = new Set([
  'encrypted_content',
  'signature',
  'thought_signature',
  'thoughtSignature',
  'fallback_credit_token',
  'obfuscation',
]);
const SEALED = new Set(['thinking', 'signature', 'data']);
const SEAL_VALUE = /^[A-Za-z0-9_+/=-]*$/;

/** Below these, names are the caller's own and mean nothing to us: every string is inspected as text. */
const FREE_FORM = new Set([
  'metadata',
  'arguments',
  'args',
  'parameters',
  'input_schema',
  'schema',
  'properties',
  'variables',
  'output',
]);

/** Whose `name` names a function or tool. */
const NAMED_BY_FIELD = new Set(['function', 'function_call', 'tool_choice']);
const NAMED_IN_LIST = new Set(['tools', 'functions']);
const NAMED_TYPE = /function|tool|mcp|custom/;

/** Base64 payloads by field; a `data` needs a sibling or parent that says so. */
const PAYLOADS = new Set([
  'file_data',
  'b64_json',
  'partial_image_b64',
  'result',
  'image_url',
  'url',
  'data',
  'embedding',
  'delta',
]);
const DATA_URL = /^data:([^,]{0,128});base64,/i;
const MEDIA_TYPE = /^(?:image|audio|video|font)\//i;
/** Shorter ones are judged as they stand: a key can be as short. */
const SHORTEST_PAYLOAD: Chars = 64;

/**
 * How a string of a body is treated: `sealed` is signed, and not read; `payload` is a file as base64 that its field or
 * type has for media, `file` any other: both are judged by their bytes where a caller sends them; `credential` is
 * entrusted to the provider or by it: what is found there is told and stays;
 * `structural` is a name, id or seal, in which only what cannot be anything else is found; `plain` and `arguments` are
 * inspected as in `LaneKind`.
 */
export type Treatment = 'sealed' | 'payload' | 'file' | 'credential' | 'structural' | 'plain' | 'arguments';

/** Does the protocol give this object's strings no meaning of its own? */
export function beginsFreeForm(node: JsonNode): boolean {
  if (node.key === null) return false;
  if (FREE_FORM.has(node.key)) return node.kind === JsonKind.object;
  // `input` of a tool call is an object; the list of that name holds messages.
  return node.key === 'input' && node.kind === JsonKind.object;
}

/**
 * A thinking block that Anthropic signed comes back word for word or is refused. Only its own strings, and only in what
 * the model said: whatever else calls itself a thinking block, or is put beside its strings, is inspected.
 */
function isSealed(document: JsonDocument, { key, parent }: JsonNode, raw: string): boolean {
  if (parent === null || !SEALED.has(key ?? '') || !isOfModel(document, parent)) return false;
  const type = document.string(document.member(parent, 'type'));
  if (type === 'redacted_thinking') return key === 'data' && SEAL_VALUE.test(raw);
  if (type !== 'thinking' || key === 'data') return false;
  const signature = document.member(parent, 'signature');
  return (document.string(signature) ?? '') !== '' && SEAL_VALUE.test(rawString(document, signature!));
}

/** A block of the content of a message of the model: in a list of messages, or the reply itself. */
function isOfModel(document: JsonDocument, block: JsonNode): boolean {
  const list = block.parent;
  const message = list?.key === 'content' ? list.parent : null;
  if (message === null || document.string(document.member(message, 'role')) !== 'assistant') return false;
  return message.parent === null || message.parent.key === 'messages';
}

export function treatmentOf(document: JsonDocument, node: JsonNode, isFreeForm: boolean): Treatment {
  const { key } = node;
  const payload = payloadOf(document, node);
  if (payload !== null) return payload;
  if (isFreeForm || key === null) return 'plain';
  if (isSealed(document, node, rawString(document, node))) return 'sealed';
  if (isEntrusted(document, node)) return 'credential';
  if (SEALS.has(key)) return SEAL_VALUE.test(rawString(document, node)) ? 'structural' : 'plain';
  if (STRUCTURAL.has(key) || ID_FIELD.test(key) || (key === 'name' && isToolName(document, node)))
    return ID_VALUE.test(rawString(document, node)) ? 'structural' : 'plain';
  return key === 'arguments' || key === 'partial_json' ? 'arguments' : 'plain';
}

function rawString(document: JsonDocument, node: JsonNode): string {
  return document.text.slice(node.start + 1, node.end - 1);
}

function isToolName(document: JsonDocument, node: JsonNode): boolean {
  const owner = node.parent;
  if (owner === null) return false;
  if (owner.key !== null && NAMED_BY_FIELD.has(owner.key)) return true;
  if (NAMED_IN_LIST.has(owner.parent?.key ?? '')) return true;
  return NAMED_TYPE.test(document.string(document.member(owner, 'type')) ?? '');
}

/** Files: only what really is base64, in a field that holds some. Null: it is none. */
function payloadOf(document: JsonDocument, node: JsonNode): 'payload' | 'file' | null {
  if (node.key === null || !PAYLOADS.has(node.key)) return null;
  const text = node.hasEscape ? document.string(node)! : rawString(document, node);
  const prefix = DATA_URL.exec(text);
  if (prefix === null) return holdsBareBase64(document, node) && isBase64(text, 0) ? bareKind(document, node) : null;
  const isMedia = MEDIA_TYPE.test(prefix[1]!);
  if (!isBase64(text, prefix[0].length, isMedia ? SHORTEST_PAYLOAD : 1)) return null;
  return isMedia ? 'payload' : 'file';
}

/**
 * A file that should be base64 and is not, as it stands here: damaged, in lines or in other letters. Some decoders read it
 * all the same, each in its way.
 */
export function isBrokenFile(document: JsonDocument, node: JsonNode): boolean {
  const { key } = node;
  if (key === null || !PAYLOADS.has(key)) return false;
  const text = document.string(node)!;
  const prefix = DATA_URL.exec(text);
  if (prefix !== null) return !isBase64(text, prefix[0].length, 0);
  return (key === 'file_data' || key === 'data') && holdsBareBase64(document, node) && !isBase64(text, 0, 0);
}

function bareKind(document: JsonDocument, { key, parent }: JsonNode): 'payload' | 'file' {
  if (key === 'file_data') return 'file';
  const type = document.string(document.member(parent!, 'media_type'));
  return type === null || MEDIA_TYPE.test(type) ? 'payload' : 'file';
}

function holdsBareBase64(document: JsonDocument, node: JsonNode): boolean {
  const owner = node.parent!;
  const type = document.string(document.member(owner, 'type')) ?? '';
  if (node.key === 'data') return type === 'base64' || owner.key === 'input_audio' || owner.key === 'audio';
  if (node.key === 'result') return type === 'image_generation_call';
  if (node.key === 'delta') return type === 'response.audio.delta' || type === 'response.output_audio.delta';
  return node.key !== 'url' && node.key !== 'image_url';
}

function isBase64(text: string, from: number, shortest = SHORTEST_PAYLOAD): boolean {
  if (text.length - from < shortest) return false;
  let end = text.length;
  while (end > text.length - 2 && text.charCodeAt(end - 1) === 0x3d) end--;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    if (!isLetter && !(code >= 0x2f && code <= 0x39) && code !== 0x2b) return false;
  }
  return true;
}
