/** The wire protocol of an endpoint: it decides the form of errors and which providers can serve it. */
export type Protocol = 'openai' | 'anthropic';

/** What a call does; the `operation` label of metrics. */
export const OPERATIONS = [
  'chat',
  'text_completion',
  'responses',
  'embeddings',
  'moderations',
  'messages',
  'count_tokens',
  'models',
  'feedback',
  'passthrough',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export function protocolOf(operation: Operation): Protocol {
  return operation === 'messages' || operation === 'count_tokens' ? 'anthropic' : 'openai';
}
