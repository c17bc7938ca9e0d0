import type { ClientFormat, ProviderFormat } from '../format.ts';
import { readError, writeError } from './errors.ts';
import { readReply } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { MessagesStreamReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { MessagesStreamWriter } from './write-stream.ts';

/** Anthropic's Messages API, and servers that follow it. */
export const messagesFormat: ClientFormat & ProviderFormat = {
  wire: 'messages',
  title: 'Anthropic Messages',
  settingNames: {
    maxTokens: 'max_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    stop: 'stop_sequences',
    seed: 'seed',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    logprobs: 'logprobs',
    choices: 'n',
    tools: 'tools',
    toolChoice: 'tool_choice',
    parallelTools: 'tool_choice.disable_parallel_tool_use',
    output: 'output_config.format',
    reasoning: 'thinking',
    user: 'metadata.user_id',
  },
  readRequest,
  writeReply,
  writeError,
  openWriter: (context) => new MessagesStreamWriter(context),
  path: () => '/v1/messages',
  writeRequest,
  readReply,
  readError,
  openReader: () => new MessagesStreamReader(),
};
