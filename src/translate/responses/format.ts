import type { ClientFormat, ProviderFormat } from '../format.ts';
import { readError, writeError } from '../openai/errors.ts';
import { listOf, objectOf } from '../openai/fields.ts';
import { readReply } from './read-reply.ts';
import { readRequest, RESPONSES_NAMES } from './read-request.ts';
import { ResponsesStreamReader } from './read-stream.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { ResponsesStreamWriter } from './write-stream.ts';

/** OpenAI Responses. */
export const responsesFormat: ClientFormat & ProviderFormat = {
  wire: 'responses',
  title: 'OpenAI Responses',
  settingNames: RESPONSES_NAMES,
  readRequest,
  writeReply,
  writeError,
  itemsOf: (reply) => listOf(objectOf(reply)['output']),
  openWriter: (context) => new ResponsesStreamWriter(context),
  path: () => '/v1/responses',
  writeRequest,
  readReply,
  readError,
  openReader: () => new ResponsesStreamReader(),
};
