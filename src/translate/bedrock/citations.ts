import type { Citation } from '../conversation.ts';
import { listOf, objectOf, stringOf, type JsonObject } from '../provider-json.ts';

export function readCitation(citation: JsonObject): Citation {
  const location = objectOf(citation['location']);
  const quotes = listOf(citation['sourceContent']).map((each) => stringOf(objectOf(each)['text']) ?? '');
  return {
    url: stringOf(objectOf(location['web'])['url']) ?? stringOf(citation['source']),
    title: stringOf(citation['title']),
    quote: quotes.length === 0 ? null : quotes.join(''),
    start: null,
    end: null,
    value: citation,
    wire: 'bedrock',
  };
}
