import type { Provider } from '../core/provider.ts';
import { signV4 } from './sigv4.ts';
import { awsRoleKey } from './aws-role.ts';
import { keyTrouble } from './key-trouble.ts';

/**
 * Amazon Bedrock's Converse, with signed requests or a Bedrock API key: all calls are translated.
 * @source https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html
 */
export const awsBedrock: Provider = {
  type: 'aws-bedrock',
  wire: 'bedrock',
  embeddings: 'titan-embeddings',
  speaks: () => false,
  upstreamPath: (basePath, path) => basePath + path,
  authHeader: (key) => ['authorization', `Bearer ${key}`],
  requiredHeaders: [['content-type', 'application/json']],
  keyTrouble,
  roleKey: (key, io) => (key.kind === 'aws-role' ? awsRoleKey(key, io) : null),
  sign: (key, request, wall) => (key.kind === 'aws' ? signV4(key, 'bedrock', request, wall) : null),
};
