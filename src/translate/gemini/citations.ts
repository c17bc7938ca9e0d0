import type { Citation } from '../conversation.ts';
import { listOf, numberOf, objectOf, stringOf, type JsonObject } from '../provider-json.ts';

/**
 * The sources of an answer that was grounded in searches: one for each pair of a passage and its source.
 * @param text all of the answer so far
 * @source https://ai.google.dev/gemini-api/docs/google-search
 */
export function readCitations(grounding: JsonObject, text: string): readonly Citation[] {
  const chunks = listOf(grounding['groundingChunks']);
  return listOf(grounding['groundingSupports']).flatMap((value) => {
    const support = objectOf(value);
    const place = placeOf(objectOf(support['segment']), text);
    return listOf(support['groundingChunkIndices']).map((index) =>
      citationOf(objectOf(chunks[numberOf(index) ?? -1]), place, support),
    );
  });
}

interface Place {
  readonly start: number | null;
  readonly end: number | null;
}

function citationOf(chunk: JsonObject, place: Place, support: JsonObject): Citation {
  const source = objectOf(chunk['web'] ?? chunk['maps'] ?? chunk['image'] ?? chunk['retrievedContext']);
  return {
    url: stringOf(source['uri']) ?? stringOf(source['sourceUri']),
    title: stringOf(source['title']),
    quote: stringOf(source['text']),
    ...place,
    value: { ...chunk, segment: support['segment'] ?? null },
    wire: 'gemini',
  };
}

/** The vendor counts bytes of UTF-8; where its count and the passage disagree, the passage is looked for. */
function placeOf(segment: JsonObject, text: string): Place {
  const passage = stringOf(segment['text']);
  const bytes = Buffer.from(text);
  const from = numberOf(segment['startIndex']) ?? 0;
  const to = numberOf(segment['endIndex']) ?? 0;
  const start = bytes.toString('utf8', 0, from).length;
  const end = start + bytes.toString('utf8', from, to).length;
  if (passage === null || text.slice(start, end) === passage) return to === 0 ? NOWHERE : { start, end };
  const found = text.indexOf(passage);
  return found < 0 ? NOWHERE : { start: found, end: found + passage.length };
}

const NOWHERE: Place = { start: null, end: null };
