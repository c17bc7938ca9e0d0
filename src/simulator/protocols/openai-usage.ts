import type { Prompt } from '../prompt.ts';
import type { Turn } from '../turn.ts';
import { outputTokensOf } from './protocol.ts';

/** Usage as chat completions and completions report it. */
export function openaiUsage({ inputTokens }: Prompt, turns: readonly Turn[]): unknown {
  const outputTokens = outputTokensOf(turns);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
