import type { JsonValue } from '../../core/rollout.ts';
import type { Wire } from '../../core/translation.ts';
import type { Citation } from '../conversation.ts';
import { numberOrNull, objectOf, stringOrNull, wordOrNull, type JsonObject } from './fields.ts';

/** An annotation of a reply: chat puts it under `url_citation`, Responses beside its type. */
export function readUrlCitation(value: JsonValue, wire: Wire): Citation {
  const annotation = objectOf(value);
  const { url, title, start_index, end_index, filename } =
    wire === 'chat' ? objectOf(annotation['url_citation']) : annotation;
  return {
    url: wordOrNull(url),
    title: wordOrNull(title) ?? wordOrNull(filename),
    quote: null,
    start: numberOrNull(start_index),
    end: numberOrNull(end_index),
    value,
    wire,
  };
}

/** Null where there is no URL: clients' parsers know no other kind. @param start of the text that is cited for, in the answer */
export function writeUrlCitation(citation: Citation, start: number, end: number): JsonObject | null {
  const { url, title } = citation;
  if (url === null) return null;
  const place = citation.start === null || citation.end === null ? { start, end } : citation;
  return { start_index: place.start ?? start, end_index: place.end ?? end, title: stringOrNull(title) ?? '', url };
}
