import type { ProviderFormat } from '../format.ts';
import { readError } from './errors.ts';
import { readReply } from './read-reply.ts';
import { GeminiStreamReader } from './read-stream.ts';
import { writeRequest } from './write-request.ts';

/**
 * Google Gemini, with an API key and in Vertex alike.
 * @source https://ai.google.dev/api/generate-content
 */
export const geminiFormat: ProviderFormat = {
  wire: 'gemini',
  title: 'Google Gemini',
  path(model, stream) {
    const name = encodeURIComponent(model.replace(/^models\//, ''));
    return `/v1beta/models/${name}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
  },
  writeRequest,
  readReply,
  readError,
  openReader: () => new GeminiStreamReader(),
};
