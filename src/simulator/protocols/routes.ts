import { anthropicCountTokens, anthropicMessages } from './anthropic-messages.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiCompletions } from './openai-completions.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiModerations } from './openai-moderations.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Protocol } from './protocol.ts';

/** The protocol of each POST path, without its `/v1`. */
export const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['/chat/completions', openaiChat],
  ['/completions', openaiCompletions],
  ['/responses', openaiResponses],
  ['/embeddings', openaiEmbeddings],
  ['/moderations', openaiModerations],
  ['/messages', anthropicMessages],
  ['/messages/count_tokens', anthropicCountTokens],
]);
