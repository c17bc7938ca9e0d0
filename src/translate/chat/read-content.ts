import type { JsonValue } from '../../core/rollout.ts';
import type { FilePart, ImagePart, Part, TextPart } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { readFileData, readUrl } from '../openai/data-url.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { CACHE_MEMBERS, readCacheMark } from '../openai/members.ts';

type ReadPart = (part: Fields, rest: Rest) => Part;

const known = (...names: readonly string[]): ReadonlySet<string> => new Set(['type', ...CACHE_MEMBERS, ...names]);
const TEXT = known('text');
const REFUSAL = known('refusal');
const IMAGE = known('image_url');
const IMAGE_URL: ReadonlySet<string> = new Set(['url', 'detail']);
const AUDIO = known('input_audio');
const AUDIO_DATA: ReadonlySet<string> = new Set(['data', 'format']);
const FILE = known('file');
const FILE_DATA: ReadonlySet<string> = new Set(['file_data', 'file_id', 'filename']);

const READERS: ReadonlyMap<string, ReadPart> = new Map<string, ReadPart>([
  ['text', readText],
  ['refusal', readRefusal],
  ['image_url', readImage],
  ['input_audio', readAudio],
  ['file', readFile],
]);

/** A text, or a list of parts. */
export function readContent(message: Fields, rest: Rest): Part[] {
  const content = message.get('content');
  if (content === null) return [];
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) throw malformed(message.at('content'), 'must be a string or an array of parts');
  return content.map((part, index) => readPart(part, `${message.at('content')}[${index}]`, rest));
}

function textPart(text: string): TextPart {
  return { kind: 'text', text, citations: [], cache: null };
}

/** Parts of compatible servers (`video_url`) go to such servers only. */
function readPart(value: JsonValue, path: string, rest: Rest): Part {
  if (typeof value === 'string') return textPart(value);
  const part = Fields.of(value, path);
  const type = part.text('type');
  const read = READERS.get(type);
  return read === undefined ? { kind: 'foreign', wire: 'chat', type, value } : read(part, rest);
}

function readText(part: Fields, rest: Rest): TextPart {
  part.keepRest(TEXT, rest);
  return { kind: 'text', text: part.text('text'), citations: [], cache: readCacheMark(part) };
}

function readRefusal(part: Fields, rest: Rest): Part {
  part.keepRest(REFUSAL, rest);
  return { kind: 'refusal', text: part.text('refusal') };
}

function readImage(part: Fields, rest: Rest): ImagePart {
  part.keepRest(IMAGE, rest);
  const cache = readCacheMark(part);
  if (typeof part.get('image_url') === 'string') {
    return { kind: 'image', source: readUrl(part.text('image_url'), part.at('image_url')), detail: null, cache };
  }
  const image = Fields.of(part.get('image_url'), part.at('image_url'));
  image.keepRest(IMAGE_URL, rest);
  const source = readUrl(image.text('url'), image.at('url'));
  return { kind: 'image', source, detail: image.string('detail'), cache };
}

function readAudio(part: Fields, rest: Rest): Part {
  part.keepRest(AUDIO, rest);
  const audio = Fields.of(part.get('input_audio'), part.at('input_audio'));
  audio.keepRest(AUDIO_DATA, rest);
  return { kind: 'audio', data: audio.text('data'), format: audio.text('format') };
}

function readFile(part: Fields, rest: Rest): FilePart {
  part.keepRest(FILE, rest);
  const file = Fields.of(part.get('file'), part.at('file'));
  file.keepRest(FILE_DATA, rest);
  const name = file.string('filename');
  const id = file.string('file_id');
  const data = file.string('file_data');
  if (id === null && data === null) throw malformed(file.path, 'needs "file_data" or "file_id"');
  const source = data === null ? ({ kind: 'id', id: id! } as const) : readFileData(data, name, file.at('file_data'));
  return { kind: 'file', source, name, context: null, citations: false, cache: readCacheMark(part) };
}
