/**
 * What a body or a part of one says it holds. `media`: no text, which only a provider's word is taken for; `unknown`: nothing;
 * `json`: one document; `jsonl`: a document a line; `urlencoded`: a form in one line; `events`: server-sent ones.
 */
export type MediaKind = 'json' | 'jsonl' | 'text' | 'urlencoded' | 'events' | 'multipart' | 'media' | 'unknown';

const JSON_TYPE = /^application\/json$|\+json$|^text\/json$/;
const JSON_LINES_TYPE = /^(?:application|text)\/(?:x-)?(?:jsonl|ndjson|jsonlines|json-lines)$/;
const TEXT_TYPE =
  /^text\/|\+xml$|^application\/(?:x-)?(?:xml|yaml|toml|javascript|typescript|ecmascript|sql|sh|python|csv|tex)$/;
const MEDIA_TYPE = /^(?:audio|image|video|font)\//;

const JSON_LINES_NAME = /\.(?:jsonl|ndjson)$/i;
const JSON_NAME = /\.json$/i;

/** @param contentType the header's value. @param fileName of an uploaded file; clients often know no type for them */
export function mediaKind(contentType: string | undefined, fileName: string | null = null): MediaKind {
  if (fileName !== null && JSON_LINES_NAME.test(fileName)) return 'jsonl';
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (JSON_LINES_TYPE.test(type)) return 'jsonl';
  if (JSON_TYPE.test(type) || (fileName !== null && JSON_NAME.test(fileName))) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'urlencoded';
  if (type === 'text/event-stream') return 'events';
  if (type.startsWith('multipart/')) return 'multipart';
  if (TEXT_TYPE.test(type)) return 'text';
  return MEDIA_TYPE.test(type) ? 'media' : 'unknown';
}
