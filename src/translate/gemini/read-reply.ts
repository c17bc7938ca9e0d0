import { PartCollector } from '../collect-parts.ts';
import type { Completion, Finish } from '../completion.ts';
import { isObject, objectOf, stringOf } from '../provider-json.ts';
import { GeminiStreamReader } from './read-stream.ts';

/** Some servers leave the reason out of a whole reply. */
const NO_REASON: Finish = { reason: 'stop', stopSequence: null, detail: null };
const NO_CANDIDATES: Finish = { reason: 'error', stopSequence: null, detail: 'the provider gave no candidate' };

const TIERS: Readonly<Record<string, string>> = { standard: 'default', flex: 'flex', priority: 'priority' };

/** A whole reply is one chunk of a stream. @throws Error where it is none */
export function readReply(body: unknown): Completion {
  if (!isObject(body) || !('candidates' in body || 'promptFeedback' in body || 'usageMetadata' in body)) {
    throw new Error('the reply has neither candidates nor a reason for having none');
  }
  const reader = new GeminiStreamReader();
  const collector = new PartCollector();
  reader.readChunk(body, collector.push);
  reader.flush(collector.push);
  if (collector.error !== null) throw new Error(collector.error.message);
  const completion = collector.completion(NO_REASON);
  const tier = stringOf(objectOf(body['usageMetadata'])['serviceTier']) ?? '';
  return {
    ...completion,
    choices:
      completion.choices.length === 0 ? [{ parts: [], finish: NO_CANDIDATES, logprobs: null }] : completion.choices,
    serviceTier: TIERS[tier] ?? null,
  };
}
