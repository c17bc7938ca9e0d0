import type { ClientFormat, ProviderFormat } from '../format.ts';
import { readError, writeError } from '../openai/errors.ts';
import { readReply } from './read-reply.ts';
import { CHAT_NAMES, readRequest } from './read-request.ts';
import { ChatStreamReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { ChatStreamWriter } from './write-stream.ts';

/** OpenAI Chat Completions, and the many servers that speak it. */
export const chatFormat: ClientFormat & ProviderFormat = {
  wire: 'chat',
  title: 'OpenAI Chat Completions',
  settingNames: CHAT_NAMES,
  readRequest,
  writeReply,
  writeError,
  openWriter: (context) => new ChatStreamWriter(context),
  path: () => '/v1/chat/completions',
  writeRequest,
  readReply,
  readError,
  openReader: () => new ChatStreamReader(),
};
