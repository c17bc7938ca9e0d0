import type { AudioPart, FilePart, ImagePart } from '../conversation.ts';
import type { Notes } from '../notes.ts';

/** A part as the vendor has it. */
export type GeminiPart = Record<string, unknown>;

/** @param path of the message */
export function writeImage({ source, detail }: ImagePart, path: string, notes: Notes): GeminiPart {
  if (detail === 'low' || detail === 'high') notes.approximatePath(`${path} (image detail)`);
  return writeSource(source, path, notes);
}

/** What the client says about a document stands before it. */
export function writeFile(file: FilePart, path: string, notes: Notes): readonly GeminiPart[] {
  const { source, context } = file;
  if (file.citations) notes.approximatePath(`${path} (citations)`);
  if (file.name !== null) notes.approximatePath(`${path} (file name)`);
  const part =
    source.kind === 'text'
      ? inlineData(source.mediaType, Buffer.from(source.text).toString('base64'))
      : writeSource(source, path, notes);
  if (context === null || context === '') return [part];
  notes.approximatePath(`${path} (document context)`);
  return [{ text: context }, part];
}

export function writeAudio({ data, format }: AudioPart): GeminiPart {
  return inlineData(`audio/${format}`, data);
}

function writeSource(source: ImagePart['source'], path: string, notes: Notes): GeminiPart {
  switch (source.kind) {
    case 'base64':
      return inlineData(source.mediaType, source.data);
    case 'url':
      return {
        fileData: { fileUri: source.url, ...(source.mediaType === null ? {} : { mimeType: source.mediaType }) },
      };
    default:
      throw notes.refusalOf(path, 'send the file itself or its URL in place of an id that only one provider knows');
  }
}

function inlineData(mimeType: string, data: string): GeminiPart {
  return { inlineData: { mimeType, data } };
}
