import type { MediaSource } from '../conversation.ts';
import { malformed } from '../notes.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

/** A URL, of whatever scheme; of a `data:` URL the data. Parameters of its media type are of no use to any vendor. */
export function readUrl(url: string, path: string): MediaSource {
  if (!/^data:/i.test(url)) return { kind: 'url', url, mediaType: null };
  const comma = url.indexOf(',');
  if (comma < 0) throw malformed(path, 'must be a data URL with a comma before its data');
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const isBase64 = parameters.some((each) => each.trim().toLowerCase() === 'base64');
  const data = url.slice(comma + 1);
  return {
    kind: 'base64',
    mediaType: mediaType.trim().toLowerCase() || 'text/plain',
    data: isBase64 ? data : percentDecoded(data, path),
  };
}

/** The data of a file: a data URL, or base64 whose media type its name tells. */
export function readFileData(data: string, name: string | null, path: string): MediaSource {
  if (/^data:/i.test(data)) return readUrl(data, path);
  const extension = name?.slice(name.lastIndexOf('.') + 1).toLowerCase() ?? '';
  const mediaType = Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension]! : 'application/pdf';
  return { kind: 'base64', mediaType, data };
}

export function dataUrl({ mediaType, data }: Extract<MediaSource, { kind: 'base64' }>): string {
  return `data:${mediaType};base64,${data}`;
}

function percentDecoded(data: string, path: string): string {
  try {
    return Buffer.from(decodeURIComponent(data), 'utf8').toString('base64');
  } catch {
    throw malformed(path, 'must be a data URL whose data is base64 or percent-encoded UTF-8');
  }
}
