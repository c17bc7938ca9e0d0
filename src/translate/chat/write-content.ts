import type { JsonValue } from '../../core/rollout.ts';
import type { FilePart, ImagePart, Message, Part, TextPart } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { dataUrl } from '../openai/data-url.ts';
import { documentTexts } from '../openai/documents.ts';
import type { JsonObject } from '../openai/fields.ts';

/** One text alone is a string: some servers know no lists. */
export function writeContent(message: Message, parts: readonly Part[], notes: Notes): JsonValue {
  const [first] = parts;
  if (first === undefined) return '';
  if (parts.length === 1 && first.kind === 'text') return writeText(first, notes)['text']!;
  return parts.flatMap((part) => writePart(message, part, notes));
}

function writePart({ path }: Message, part: Part, notes: Notes): JsonValue[] {
  switch (part.kind) {
    case 'text':
      return [writeText(part, notes)];
    case 'refusal':
      return [{ type: 'refusal', refusal: part.text }];
    case 'image':
      return [writeImage(part, path, notes)];
    case 'file':
      return writeFile(part, path, notes);
    case 'audio':
      return [{ type: 'input_audio', input_audio: { data: part.data, format: part.format } }];
    case 'foreign':
      if (part.wire === 'chat') return [part.value];
      throw notes.refusalOf(path, `remove its part "${part.type}"`);
    default:
      throw notes.refusalOf(path, `remove its part "${part.kind}"`);
  }
}

function writeText({ text, cache }: TextPart, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  return { type: 'text', text };
}

function writeImage({ source, detail, cache }: ImagePart, path: string, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  if (source.kind === 'id') throw notes.refusalOf(path, 'send the image as a URL or as base64 in place of its file id');
  const url = source.kind === 'url' ? source.url : dataUrl(source);
  return { type: 'image_url', image_url: detail === null ? { url } : { url, detail } };
}

function writeFile(part: FilePart, path: string, notes: Notes): JsonObject[] {
  const { source, name, cache } = part;
  if (cache !== null) notes.approximatePath('cache_control');
  const texts = documentTexts(part, path, notes).map((text) => writeText(text, notes));
  if (source.kind === 'text') return texts;
  if (source.kind === 'url') throw notes.refusalOf(path, 'send the file as base64 in place of its URL');
  const file: JsonObject =
    source.kind === 'id'
      ? { file_id: source.id, ...(name === null ? null : { filename: name }) }
      : { file_data: dataUrl(source), filename: name ?? 'file' };
  return [...texts, { type: 'file', file }];
}
