import type { JsonValue } from '../../core/rollout.ts';
import { isObject, listOf, numberOf, objectOf, stringOf } from '../provider-json.ts';

/** In OpenAI's form; null: none. */
export function readLogprobs(result: unknown): JsonValue | null {
  if (!isObject(result)) return null;
  const tops = listOf(result['topCandidates']);
  const content = listOf(result['chosenCandidates']).map((chosen, index) => ({
    ...tokenOf(chosen),
    top_logprobs: listOf(objectOf(tops[index])['candidates']).map(tokenOf),
  }));
  return content.length === 0 ? null : { content, refusal: null };
}

function tokenOf(candidate: JsonValue): { token: string; logprob: number; bytes: number[] } {
  const { token, logProbability } = objectOf(candidate);
  const text = stringOf(token) ?? '';
  // A log probability of 0 is left out on the wire.
  return { token: text, logprob: numberOf(logProbability) ?? 0, bytes: [...Buffer.from(text)] };
}
