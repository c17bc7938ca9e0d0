import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '../../core/rollout.ts';
import type {
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../conversation.ts';
import { malformed, type Notes } from '../notes.ts';
import { isObject, parseJson, type JsonObject } from '../provider-json.ts';
import { writeCitation } from './citations.ts';

/** A part and where its message stands, in the client's words. */
interface Place {
  readonly path: string;
  readonly role: 'user' | 'assistant';
}

const IMAGES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
/** Read by the model as they are. */
const TEXTS = /^(?:text\/.*|application\/(?:json|xml|yaml|x-yaml|javascript|toml|sql))$/;

/** Null: nothing of it is sent. @throws GatewayError where Anthropic has nothing for it */
export function writeBlock(part: Part, place: Place, notes: Notes): JsonObject | null {
  switch (part.kind) {
    case 'text':
      return writeText(part, place, notes);
    case 'refusal':
      notes.approximatePath(`${place.path} (refusal)`);
      return part.text.trim() === '' ? null : { type: 'text', text: part.text };
    case 'image':
      return writeImage(part, place, notes);
    case 'file':
      return writeDocument(part, place, notes);
    case 'audio':
      throw notes.refusalOf(place.path, 'send what is said as text');
    case 'thinking':
    case 'hidden_thinking':
      return writeThinking(part, place, notes);
    case 'tool_call':
      return writeCall(part, place, notes);
    case 'tool_result':
      return writeResult(part, place, notes);
    default:
      if (part.wire === 'messages' && isObject(part.value)) return part.value;
      throw notes.refusalOf(place.path, `leave out its part of the type "${part.type}"`);
  }
}

export function withCache(block: JsonObject, cache: CacheMark | null): JsonObject {
  if (cache === null) return block;
  const ttl = cache.ttl === '5m' || cache.ttl === '1h' ? { ttl: cache.ttl } : null;
  return { ...block, cache_control: { type: 'ephemeral', ...ttl } };
}

/** Anthropic refuses texts without a visible character. */
function writeText({ text, citations, cache }: TextPart, { path, role }: Place, notes: Notes): JsonObject | null {
  if (text.trim() === '') {
    if (text !== '') notes.approximatePath(`${path} (white space)`);
    return null;
  }
  const own = role === 'user' ? [] : citations.filter(({ wire }) => wire === 'messages').map(writeCitation);
  if (own.length < citations.length) notes.approximatePath(`${path} (citations)`);
  return withCache({ type: 'text', text, ...(own.length > 0 && { citations: own }) }, cache);
}

/** Proofs of other makers mean nothing here, and thoughts without one are refused. */
function writeThinking(
  part: Extract<Part, { kind: 'thinking' | 'hidden_thinking' }>,
  { path }: Place,
  notes: Notes,
): JsonObject | null {
  const signature = part.kind === 'thinking' ? part.signature : part.data;
  if (signature?.wire !== 'messages') {
    notes.approximatePath(`${path} (thinking)`);
    return null;
  }
  if (part.kind === 'hidden_thinking') return { type: 'redacted_thinking', data: signature.value };
  return { type: 'thinking', thinking: part.text, signature: signature.value };
}

function writeImage({ source, detail, cache }: ImagePart, { path }: Place, notes: Notes): JsonObject {
  if (detail !== null && detail !== 'auto') notes.approximatePath(`${path} (detail)`);
  if (source.kind === 'base64' && !IMAGES.has(source.mediaType)) {
    throw notes.refusalOf(path, `send the image as JPEG, PNG, GIF or WebP instead of ${source.mediaType}`);
  }
  return withCache({ type: 'image', source: writeSource(source, path, notes) }, cache);
}

function writeDocument(
  { source, name, context, citations, cache }: FilePart,
  { path }: Place,
  notes: Notes,
): JsonObject {
  const document = {
    type: 'document',
    source: writeDocumentSource(source, path, notes),
    ...(name !== null && { title: name }),
    ...(context !== null && { context }),
    ...(citations && { citations: { enabled: true } }),
  };
  return withCache(document, cache);
}

function writeDocumentSource(source: FilePart['source'], path: string, notes: Notes): JsonObject {
  if (source.kind === 'text') return textSource(source.text);
  if (source.kind !== 'base64' || source.mediaType === 'application/pdf') return writeSource(source, path, notes);
  if (TEXTS.test(source.mediaType)) return textSource(decodedText(source.data, path, notes));
  throw notes.refusalOf(path, `send the file as PDF or text instead of ${source.mediaType}`);
}

function decodedText(data: string, path: string, notes: Notes): string {
  const bytes = Buffer.from(data, 'base64');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw notes.refusalOf(path, 'send the file in UTF-8');
}

function textSource(text: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data: text };
}

function writeSource(source: MediaSource, path: string, notes: Notes): JsonObject {
  if (source.kind === 'base64') return { type: 'base64', media_type: source.mediaType, data: source.data };
  if (source.kind === 'url') return { type: 'url', url: source.url };
  // Anthropic's ids; files that other vendors keep are out of its reach.
  if (source.id.startsWith('file_')) return { type: 'file', file_id: source.id };
  throw notes.refusalOf(path, `send the content of the file "${source.id}" itself`);
}

function writeCall(
  { id, name, arguments: json, isCustom, cache }: ToolCallPart,
  { path }: Place,
  notes: Notes,
): JsonObject {
  if (isCustom) throw notes.refusalOf(path, 'leave out its calls of custom tools');
  return withCache({ type: 'tool_use', id: writeId(id), name, input: writeInput(json, path) }, cache);
}

function writeInput(json: string, path: string): JsonValue {
  const input = json.trim() === '' ? {} : parseJson(json);
  if (isObject(input)) return input;
  throw malformed(path, 'must call its tools with arguments that are the JSON text of an object');
}

/** Anthropic takes letters, digits, `_` and `-` only; a call and its result change alike. */
function writeId(id: string): string {
  return /^[\w-]+$/.test(id) ? id : `${id.replace(/[^\w-]/g, '_')}_`;
}

function writeResult(
  { callId, content, isError, isCustom, cache }: ToolResultPart,
  place: Place,
  notes: Notes,
): JsonObject {
  if (isCustom) throw notes.refusalOf(place.path, 'leave out results of custom tools');
  const blocks = content.map((part) => writeBlock(part, place, notes)).filter((block) => block !== null);
  const [first] = content;
  const isPlain = content.length === 1 && first?.kind === 'text' && first.cache === null;
  const result = {
    type: 'tool_result',
    tool_use_id: writeId(callId),
    ...(blocks.length > 0 && { content: isPlain ? first.text : blocks }),
    ...(isError === true && { is_error: true }),
  };
  return withCache(result, cache);
}
