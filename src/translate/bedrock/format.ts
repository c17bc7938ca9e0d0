import type { ProviderFormat } from '../format.ts';
import { readError } from './errors.ts';
import { awsEventStream } from './event-stream.ts';
import { readReply } from './read-reply.ts';
import { BedrockStreamReader } from './read-stream.ts';
import { writeRequest } from './write-request.ts';

/**
 * Converse and ConverseStream of Amazon Bedrock.
 * @source https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const bedrockFormat: ProviderFormat = {
  wire: 'bedrock',
  title: 'Amazon Bedrock Converse',
  framing: awsEventStream,
  path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  writeRequest,
  readReply,
  readError,
  openReader: () => new BedrockStreamReader(),
};
