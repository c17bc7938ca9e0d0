import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { sideEffectOf } from '../../src/shadow/side-effects.ts';

const FUNCTION = { type: 'function', function: { name: 'look_up', parameters: {} } };

function effectOf(operation: Operation, body: Record<string, unknown>): string | null {
  return sideEffectOf(operation, JsonDocument.parse(JSON.stringify({ model: 'm', ...body })));
}

describe('what a copy would do beyond writing a reply', () => {
  it.each<[Operation, Record<string, unknown>]>([
    ['chat', { web_search_options: {} }],
    ['chat', { tools: [FUNCTION, { type: 'web_search' }] }],
    ['responses', { tools: [{ type: 'function', name: 'f' }, { type: 'code_interpreter' }] }],
    ['responses', { tools: [{ type: 'mcp', server_url: 'https://example.com' }] }],
    ['messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['messages', { mcp_servers: [{ type: 'url', url: 'https://example.com' }] }],
    ['responses', { tools: [{ type: 1 }] }],
  ])('of %s with %j: tools of the provider would act', (operation, body) => {
    expect(effectOf(operation, body)).toBe('tools');
  });

  it.each<[Operation, Record<string, unknown>]>([
    ['responses', { background: true }],
    ['responses', { previous_response_id: 'resp_1' }],
    ['responses', { conversation: 'conv_1' }],
    ['responses', { conversation: { id: 'conv_1' } }],
    ['responses', { prompt: { id: 'pmpt_1' } }],
    ['messages', { container: 'container_1' }],
  ])('of %s with %j: what the provider keeps would change', (operation, body) => {
    expect(effectOf(operation, body)).toBe('state');
  });

  it.each<[Operation, Record<string, unknown>]>([
    ['chat', { messages: [], tools: [FUNCTION, { type: 'custom', custom: { name: 'c' } }] }],
    ['chat', { web_search_options: null }],
    [
      'responses',
      {
        input: 'x',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'c' },
        ],
      },
    ],
    ['responses', { background: false, previous_response_id: null, conversation: null }],
    [
      'messages',
      {
        tools: [
          { name: 'f', input_schema: {} },
          { type: 'custom', name: 'c' },
          { type: null, name: 'd' },
        ],
      },
    ],
    ['messages', { container: null, mcp_servers: null }],
    ['embeddings', { input: 'x' }],
    ['count_tokens', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['text_completion', { prompt: 'x' }],
  ])('of %s with %j: nothing', (operation, body) => {
    expect(effectOf(operation, body)).toBeNull();
  });
});
