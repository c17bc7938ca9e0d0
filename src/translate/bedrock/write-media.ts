import type { AudioPart, FilePart, ImagePart, MediaSource } from '../conversation.ts';
import type { Notes } from '../notes.ts';

/** A block of content as the vendor has it. */
export type BedrockBlock = Record<string, unknown>;

const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

/** @source https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
};

const MAX_NAME = 200;

/** @param path of the message */
export function writeImage({ source, detail }: ImagePart, path: string, notes: Notes): BedrockBlock {
  if (detail === 'low' || detail === 'high') notes.approximatePath(`${path} (image detail)`);
  const mediaType = source.kind === 'id' ? null : (source.mediaType ?? typeByName(source));
  const format = IMAGE_FORMATS[mediaType ?? ''];
  if (format === undefined) throw notes.refusalOf(path, 'send images as PNG, JPEG, GIF or WebP in a data URL');
  return { image: { format, source: writeSource(source, path, notes) } };
}

/** @param number of the document in the request: the vendor wants names, each another */
export function writeFile(file: FilePart, number: number, path: string, notes: Notes): BedrockBlock {
  const { source, name, context, citations } = file;
  const format = source.kind === 'id' ? undefined : DOCUMENT_FORMATS[baseType(source.mediaType ?? '')];
  if (format === undefined)
    throw notes.refusalOf(path, 'send a PDF, an office document or text, in the request itself');
  const bytes =
    source.kind === 'text' ? { bytes: Buffer.from(source.text).toString('base64') } : writeSource(source, path, notes);
  const written = documentName(name, number);
  if (name !== null && written !== name) notes.approximatePath(`${path} (file name)`);
  return {
    document: {
      format,
      name: written,
      source: bytes,
      ...(context === null ? {} : { context }),
      ...(citations ? { citations: { enabled: true } } : {}),
    },
  };
}

export function writeAudio({ data, format }: AudioPart): BedrockBlock {
  return { audio: { format, source: { bytes: data } } };
}

/** Letters, digits, single spaces, hyphens, brackets. */
function documentName(name: string | null, number: number): string {
  const clean = (name ?? '')
    .replace(/[^A-Za-z0-9\-()[\]]+/g, ' ')
    .trim()
    .slice(0, MAX_NAME);
  if (clean === '') return `document ${number}`;
  return number === 1 ? clean : `${clean} (${number})`;
}

function writeSource(source: MediaSource, path: string, notes: Notes): BedrockBlock {
  if (source.kind === 'base64') return { bytes: source.data };
  if (source.kind === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } };
  throw notes.refusalOf(path, 'send the file itself, in base64');
}

function baseType(mediaType: string): string {
  return mediaType.split(';', 1)[0]!.trim().toLowerCase();
}

/** Of an object in S3. */
function typeByName(source: MediaSource): string | null {
  const ending = source.kind === 'url' ? /\.(png|jpe?g|gif|webp)$/i.exec(source.url)?.[1] : undefined;
  return ending === undefined ? null : `image/${ending.toLowerCase()}`;
}
