import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { TestGateway } from './test-gateway.ts';

interface ClientOptions {
  readonly apiKey?: string;
  readonly headers?: Record<string, string>;
}

/** The official client, without retries of its own: one call is one request. */
export function openai({ url }: TestGateway, options: ClientOptions = {}): OpenAI {
  const { apiKey = 'unchecked', headers = {} } = options;
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, defaultHeaders: headers });
}

export function anthropic({ url }: TestGateway, options: ClientOptions = {}): Anthropic {
  const { apiKey = 'unchecked', headers = {} } = options;
  return new Anthropic({ baseURL: url, apiKey, maxRetries: 0, defaultHeaders: headers });
}
