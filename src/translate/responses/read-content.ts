import type { JsonValue } from '../../core/rollout.ts';
import type { AudioPart, FilePart, ImagePart, Part, RefusalPart, TextPart } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { readUrlCitation } from '../openai/citations.ts';
import { readFileData, readUrl } from '../openai/data-url.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { CACHE_MEMBERS, readCacheMark } from '../openai/members.ts';

const known = (...names: readonly string[]): ReadonlySet<string> => new Set(['type', ...CACHE_MEMBERS, ...names]);
const TEXT = known('text', 'annotations', 'logprobs', 'parsed');
const REFUSAL = known('refusal');
const IMAGE = known('image_url', 'file_id', 'detail');
const FILE = known('file_data', 'file_id', 'file_url', 'filename');
const AUDIO = known('input_audio');

/** A text, or a list of parts; `input_text` and `output_text` differ in who has said them. */
export function readContent(item: Fields, member: string, rest: Rest): Part[] {
  const content = item.get(member);
  if (content === null) return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content, citations: [], cache: null }];
  if (!Array.isArray(content)) throw malformed(item.at(member), 'must be a string or an array of parts');
  return content.map((part, index) => readPart(part, `${item.at(member)}[${index}]`, rest));
}

function readPart(value: JsonValue, path: string, rest: Rest): Part {
  const part = Fields.of(value, path);
  const type = part.text('type');
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return readText(part, rest);
    case 'refusal':
      return readRefusal(part, rest);
    case 'input_image':
      return readImage(part, rest);
    case 'input_file':
      return readFile(part, rest);
    case 'input_audio':
      return readAudio(part, rest);
    default:
      return { kind: 'foreign', wire: 'responses', type, value };
  }
}

function readText(part: Fields, rest: Rest): TextPart {
  part.keepRest(TEXT, rest);
  const citations = (part.list('annotations') ?? []).map((value) => readUrlCitation(value, 'responses'));
  return { kind: 'text', text: part.text('text'), citations, cache: readCacheMark(part) };
}

function readRefusal(part: Fields, rest: Rest): RefusalPart {
  part.keepRest(REFUSAL, rest);
  return { kind: 'refusal', text: part.text('refusal') };
}

function readImage(part: Fields, rest: Rest): ImagePart {
  part.keepRest(IMAGE, rest);
  const id = part.string('file_id');
  const url = part.string('image_url');
  if (id === null && url === null) throw malformed(part.path, 'needs "image_url" or "file_id"');
  const source = url === null ? ({ kind: 'id', id: id! } as const) : readUrl(url, part.at('image_url'));
  const detail = part.string('detail');
  return { kind: 'image', source, detail: detail === 'auto' ? null : detail, cache: readCacheMark(part) };
}

function readFile(part: Fields, rest: Rest): FilePart {
  part.keepRest(FILE, rest);
  const name = part.string('filename');
  return {
    kind: 'file',
    source: readFileSource(part, name),
    name,
    context: null,
    citations: false,
    cache: readCacheMark(part),
  };
}

function readFileSource(part: Fields, name: string | null): FilePart['source'] {
  const data = part.string('file_data');
  if (data !== null) return readFileData(data, name, part.at('file_data'));
  const url = part.string('file_url');
  if (url !== null) return readUrl(url, part.at('file_url'));
  const id = part.string('file_id');
  if (id !== null) return { kind: 'id', id };
  throw malformed(part.path, 'needs "file_data", "file_url" or "file_id"');
}

function readAudio(part: Fields, rest: Rest): AudioPart {
  part.keepRest(AUDIO, rest);
  const audio = Fields.of(part.get('input_audio'), part.at('input_audio'));
  return { kind: 'audio', data: audio.text('data'), format: audio.text('format') };
}
