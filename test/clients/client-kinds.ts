import type { ClientKind } from './client-kind.ts';
import { aiSdkKinds } from './sdks/ai-sdk.ts';
import { anthropic } from './sdks/anthropic.ts';
import { langchainKinds } from './sdks/langchain.ts';
import { agentsKinds } from './sdks/openai-agents.ts';
import { openaiChat } from './sdks/openai-chat.ts';
import { openaiResponses } from './sdks/openai-responses.ts';

export const CLIENT_KINDS: readonly ClientKind[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  ...aiSdkKinds,
  ...langchainKinds,
  ...agentsKinds,
];
