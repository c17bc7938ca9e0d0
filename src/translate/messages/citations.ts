import type { JsonValue } from '../../core/rollout.ts';
import type { Citation } from '../conversation.ts';
import { objectOf, stringOf, type JsonObject } from '../provider-json.ts';

/** Anthropic cites for a block of text as a whole, and tells the place in the source, not in the answer. */
export function readCitation(value: JsonValue): Citation {
  const citation = objectOf(value);
  const { url, title, document_title, cited_text, source } = citation;
  return {
    url: stringOf(url) ?? urlOf(stringOf(source)),
    title: stringOf(title) ?? stringOf(document_title),
    quote: stringOf(cited_text),
    start: null,
    end: null,
    value,
    wire: 'messages',
  };
}

/** The `source` of a search result is whatever the client has named it. */
function urlOf(source: string | null): string | null {
  return source !== null && /^https?:\/\//i.test(source) ? source : null;
}

/** Of another maker: as the kind that has a URL. Null where there is none. */
export function writeCitation({ wire, value, url, title, quote }: Citation): JsonObject | null {
  if (wire === 'messages') return objectOf(value);
  if (url === null) return null;
  return { type: 'web_search_result_location', url, title, cited_text: quote ?? '', encrypted_index: '' };
}
