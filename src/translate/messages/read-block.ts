import type { JsonValue } from '../../core/rollout.ts';
import type {
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
  ToolCallPart,
  TextSource,
} from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { openSignature } from '../signatures.ts';
import { readCitation } from './citations.ts';

type ReadBlock = (block: Fields, rest: Rest) => Part;

const known = (...names: readonly string[]): ReadonlySet<string> => new Set(['type', 'cache_control', ...names]);
const CACHE = new Set(['type', 'ttl']);
const TEXT = known('text', 'citations');
const MEDIA = known('source');
const DOCUMENT = known('source', 'title', 'context', 'citations');
const CITATIONS = new Set(['enabled']);
const THINKING = known('thinking', 'signature');
const REDACTED = known('data');
const CALL = known('id', 'name', 'input', 'caller');
const RESULT = known('tool_use_id', 'content', 'is_error');
const SOURCES: Readonly<Record<string, ReadonlySet<string>>> = {
  base64: new Set(['type', 'media_type', 'data']),
  text: new Set(['type', 'media_type', 'data']),
  url: new Set(['type', 'url']),
  file: new Set(['type', 'file_id']),
};

const READERS: ReadonlyMap<string, ReadBlock> = new Map<string, ReadBlock>([
  ['text', readText],
  ['image', readImage],
  ['document', readDocument],
  ['thinking', readThinking],
  ['redacted_thinking', readRedacted],
  ['tool_use', readCall],
  ['tool_result', readResult],
]);

/** A text, or a list of blocks. */
export function readContent(content: JsonValue, path: string, rest: Rest): Part[] {
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) throw malformed(path, 'must be a string or an array of content blocks');
  return content.map((block, index) => readBlock(Fields.of(block, `${path}[${index}]`), rest));
}

function textPart(text: string): TextPart {
  return { kind: 'text', text, citations: [], cache: null };
}

/** Blocks of Anthropic's own tools, and what only Anthropic can say in a known block, go back to Anthropic only. */
function readBlock(block: Fields, rest: Rest): Part {
  const type = block.text('type');
  const read = READERS.get(type);
  return read === undefined || isForeign(block, type) ? foreign(block, type) : read(block, rest);
}

function foreign({ value }: Fields, type: string): Part {
  return { kind: 'foreign', wire: 'messages', type, value };
}

/** Documents made of blocks, calls that code or a toolset made, and results that hold more than text and media. */
function isForeign(block: Fields, type: string): boolean {
  if (type === 'document') return block.object('source')?.get('type') === 'content';
  if (type === 'tool_use') {
    return block.get('toolset_name') !== null || (block.object('caller')?.string('type') ?? 'direct') !== 'direct';
  }
  if (type !== 'tool_result') return false;
  const content = block.get('content');
  return (
    block.get('toolset_name') !== null ||
    (Array.isArray(content) &&
      content.some((each, index) => isForeignContent(each, `${block.at('content')}[${index}]`)))
  );
}

function isForeignContent(value: JsonValue, path: string): boolean {
  const block = Fields.of(value, path);
  const type = block.text('type');
  return (type !== 'text' && type !== 'image' && type !== 'document') || isForeign(block, type);
}

export function readCache(block: Fields, rest: Rest): CacheMark | null {
  const cache = block.object('cache_control');
  if (cache === null) return null;
  cache.keepRest(CACHE, rest);
  return { ttl: cache.string('ttl') };
}

function readText(block: Fields, rest: Rest): TextPart {
  block.keepRest(TEXT, rest);
  const citations = (block.list('citations') ?? []).map(readCitation);
  return { kind: 'text', text: block.text('text'), citations, cache: readCache(block, rest) };
}

function readImage(block: Fields, rest: Rest): ImagePart {
  block.keepRest(MEDIA, rest);
  const source = readSource(block, rest);
  if (source.kind === 'text') throw malformed(block.at('source.type'), 'must be one of base64, url, file');
  return { kind: 'image', source, detail: null, cache: readCache(block, rest) };
}

function readDocument(block: Fields, rest: Rest): FilePart {
  block.keepRest(DOCUMENT, rest);
  const citations = block.object('citations');
  citations?.keepRest(CITATIONS, rest);
  return {
    kind: 'file',
    source: readSource(block, rest),
    name: block.string('title'),
    context: block.string('context'),
    citations: citations?.boolean('enabled') ?? false,
    cache: readCache(block, rest),
  };
}

function readSource(block: Fields, rest: Rest): MediaSource | TextSource {
  const source = Fields.of(block.get('source'), block.at('source'));
  const type = source.text('type');
  if (Object.hasOwn(SOURCES, type)) source.keepRest(SOURCES[type]!, rest);
  switch (type) {
    case 'base64':
      return { kind: 'base64', mediaType: source.text('media_type'), data: source.text('data') };
    case 'text':
      return { kind: 'text', mediaType: source.string('media_type') ?? 'text/plain', text: source.text('data') };
    case 'url':
      return { kind: 'url', url: source.text('url'), mediaType: null };
    case 'file':
      return { kind: 'id', id: source.text('file_id') };
    default:
      throw malformed(source.at('type'), 'must be one of base64, text, url, file');
  }
}

function readThinking(block: Fields, rest: Rest): Part {
  block.keepRest(THINKING, rest);
  const signature = block.string('signature') ?? '';
  return {
    kind: 'thinking',
    text: block.text('thinking'),
    signature: signature === '' ? null : openSignature(signature, 'messages'),
    id: null,
  };
}

function readRedacted(block: Fields, rest: Rest): Part {
  block.keepRest(REDACTED, rest);
  return { kind: 'hidden_thinking', data: openSignature(block.text('data'), 'messages') };
}

function readCall(block: Fields, rest: Rest): ToolCallPart {
  block.keepRest(CALL, rest);
  const { value } = Fields.of(block.get('input') ?? {}, block.at('input'));
  return {
    kind: 'tool_call',
    id: block.text('id'),
    name: block.text('name'),
    arguments: JSON.stringify(value),
    isCustom: false,
    cache: readCache(block, rest),
  };
}

function readResult(block: Fields, rest: Rest): Part {
  block.keepRest(RESULT, rest);
  const content = readContent(block.get('content') ?? [], block.at('content'), rest);
  return {
    kind: 'tool_result',
    callId: block.text('tool_use_id'),
    content: content.filter((part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'file'),
    isError: block.boolean('is_error'),
    isCustom: false,
    cache: readCache(block, rest),
  };
}
