import { describe, expect, it } from 'vitest';
import { PROVIDER_TYPES } from '../../src/core/config.ts';
import { OPERATIONS, protocolOf } from '../../src/core/operation.ts';
import { PROVIDERS, providerFor } from '../../src/providers/registry.ts';
import { providerConfig } from '../upstream/support.ts';

const { openai, anthropic, simulator } = PROVIDERS;

describe('the providers', () => {
  it('are registered under their own type, every configurable one', () => {
    for (const type of PROVIDER_TYPES) expect(PROVIDERS[type].type).toBe(type);
  });

  it('speak their own protocol, list models and take what is passed through', () => {
    for (const operation of OPERATIONS) {
      const isShared = operation === 'models' || operation === 'passthrough';
      expect({ operation, speaks: openai.speaks(operation) }).toEqual({
        operation,
        speaks: isShared || protocolOf(operation) === 'openai',
      });
      expect({ operation, speaks: anthropic.speaks(operation) }).toEqual({
        operation,
        speaks: isShared || protocolOf(operation) === 'anthropic',
      });
      expect(simulator.speaks(operation)).toBe(true);
    }
  });

  it.each([
    [openai, '/v1', '/v1/chat/completions', '/v1/chat/completions'],
    [openai, '', '/v1/chat/completions?a=1', '/chat/completions?a=1'],
    [openai, '/openai/v1beta', '/v1/models', '/openai/v1beta/models'],
    [anthropic, '', '/v1/messages?beta=true', '/v1/messages?beta=true'],
    [anthropic, '/v1', '/v1/messages', '/v1/messages'],
    [anthropic, '/proxy/v1', '/v1/messages', '/proxy/v1/messages'],
    [anthropic, '/proxy', '/v1/messages', '/proxy/v1/messages'],
    [simulator, '/v1', '/v1/messages', '/v1/messages'],
  ])('send to the path that the base URL asks for (%#)', (provider, basePath, path, expected) => {
    expect(provider.upstreamPath(basePath, path)).toBe(expected);
  });

  it('carry their key in their own header', () => {
    expect(openai.authHeader('k')).toEqual(['authorization', 'Bearer k']);
    expect(anthropic.authHeader('k')).toEqual(['x-api-key', 'k']);
    expect(anthropic.requiredHeaders.map(([name]) => name)).toEqual(['anthropic-version']);
  });

  it('of the OpenAI kind are given calls of other protocols as the configuration says', () => {
    const config = providerConfig('p');
    expect(providerFor(config).wire).toBe('chat');
    expect(providerFor({ ...config, api: 'responses' })).toMatchObject({ wire: 'responses', type: 'openai' });
    expect(providerFor({ ...config, type: 'mistral', api: 'responses' }).wire).toBe('chat');
  });

  it('of the OpenAI kind serve what their vendor documents, and no more', () => {
    const { mistral, ollama } = PROVIDERS;
    expect(OPERATIONS.filter((operation) => mistral.speaks(operation))).toEqual([
      'chat',
      'embeddings',
      'moderations',
      'models',
      'passthrough',
    ]);
    expect(ollama.speaks('responses')).toBe(true);
    expect(mistral.authHeader('k')).toEqual(['authorization', 'Bearer k']);
  });
});
