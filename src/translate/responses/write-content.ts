import type { JsonValue } from '../../core/rollout.ts';
import type { Citation, FilePart, ImagePart, Part, TextPart } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { writeUrlCitation } from '../openai/citations.ts';
import { dataUrl } from '../openai/data-url.ts';
import { documentTexts } from '../openai/documents.ts';
import type { JsonObject } from '../openai/fields.ts';

/** Of a user, an instruction or the result of a tool. One text alone is a string: some servers know no lists. */
export function writeInputContent(parts: readonly Part[], path: string, notes: Notes): JsonValue {
  const [first] = parts;
  if (first === undefined) return '';
  if (parts.length === 1 && first.kind === 'text') return writeInputText(first, notes)['text']!;
  return parts.flatMap((part) => writeInputPart(part, path, notes));
}

function writeInputPart(part: Part, path: string, notes: Notes): JsonValue[] {
  switch (part.kind) {
    case 'text':
      return [writeInputText(part, notes)];
    case 'image':
      return [writeImage(part, notes)];
    case 'file':
      return writeFile(part, path, notes);
    case 'foreign':
      if (part.wire === 'responses') return [part.value];
      throw notes.refusalOf(path, `remove its part "${part.type}"`);
    default:
      throw notes.refusalOf(path, `remove its part "${part.kind}"`);
  }
}

function writeInputText({ text, cache }: TextPart, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  return { type: 'input_text', text };
}

function writeImage({ source, detail, cache }: ImagePart, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  const image = { type: 'input_image', detail: detail ?? 'auto' };
  if (source.kind === 'id') return { ...image, file_id: source.id };
  return { ...image, image_url: source.kind === 'url' ? source.url : dataUrl(source) };
}

function writeFile(part: FilePart, path: string, notes: Notes): JsonObject[] {
  const { source, name, cache } = part;
  if (cache !== null) notes.approximatePath('cache_control');
  const texts = documentTexts(part, path, notes).map((text) => writeInputText(text, notes));
  if (source.kind === 'text') return texts;
  if (source.kind !== 'base64' && name !== null) notes.approximatePath(`${path} (file name)`);
  return [...texts, { type: 'input_file', ...writeFileSource(source, name) }];
}

/** A URL has its own name. */
function writeFileSource(source: Exclude<FilePart['source'], { kind: 'text' }>, name: string | null): JsonObject {
  if (source.kind === 'url') return { file_url: source.url };
  if (source.kind === 'id') return { file_id: source.id };
  return { filename: name ?? 'file', file_data: dataUrl(source) };
}

/** What the model has said, in a request or a reply. */
export function writeOutputText(text: string, citations: readonly Citation[]): JsonObject {
  return { type: 'output_text', text, annotations: citations.flatMap((each) => writeAnnotation(each, 0, text.length)) };
}

/** This format's own as they came; others where they have a URL. */
export function writeAnnotation(citation: Citation, start: number, end: number): JsonValue[] {
  if (citation.wire === 'responses') return [citation.value];
  const written = writeUrlCitation(citation, start, end);
  return written === null ? [] : [{ type: 'url_citation', ...written }];
}
