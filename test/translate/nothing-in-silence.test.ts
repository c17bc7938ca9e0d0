import { describe, expect, it } from 'vitest';
import type { FilePart } from '../../src/translate/conversation.ts';
import { chatFormat } from '../../src/translate/chat/format.ts';
import { bedrockFormat } from '../../src/translate/bedrock/format.ts';
import { geminiFormat } from '../../src/translate/gemini/format.ts';
import { messagesFormat } from '../../src/translate/messages/format.ts';
import { responsesFormat } from '../../src/translate/responses/format.ts';
import { translation } from '../../src/translate/translate.ts';
import { paramOf } from './messages/support.ts';
import { user, written } from './provider-support.ts';

const ASKED = { model: 'm', max_completion_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };

describe('what a provider has no place for', () => {
  it.each([
    { tool_choice: 'required' },
    { tool_choice: { type: 'function', function: { name: 'f' } } },
    {
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      tools: [],
    },
  ])('is refused: a choice among no tools, %j', (choice) => {
    for (const provider of [responsesFormat, messagesFormat, geminiFormat, bedrockFormat]) {
      const { open } = translation(chatFormat, provider, { wall: () => 0 });
      expect(paramOf(() => open({ ...ASKED, ...choice }, 'm'))).toBe('tools');
      expect(paramOf(() => open({ ...ASKED, tool_choice: 'auto' }, 'm'))).toBeNull();
    }
  });

  it('is told: the name of a document that is not sent itself', () => {
    const document = (source: FilePart['source']): FilePart => {
      return { kind: 'file', source, name: 'Report', context: null, citations: false, cache: null };
    };
    const url = document({ kind: 'url', url: 'https://files.example/1', mediaType: null });
    const sent = document({ kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' });
    expect(written(responsesFormat, { messages: [user(url)] }).approximated).toEqual(['messages[0] (file name)']);
    expect(written(responsesFormat, { messages: [user(sent)] }).approximated).toEqual([]);
  });

  it('is told: the description of an output whose schema has its own', () => {
    const output = { kind: 'schema', name: 'n', description: 'D', strict: null } as const;
    const own = { ...output, schema: { type: 'object', description: 'of the schema' } };
    expect(written(geminiFormat, { output: own }).approximated).toEqual(['response_format']);
    expect(written(geminiFormat, { output: { ...output, schema: { type: 'object' } } }).approximated).toEqual([]);
  });

  it('is told: that deltas are to be padded', () => {
    const rest = { 'stream_options.include_obfuscation': true };
    expect(written(geminiFormat, { rest }).approximated).toEqual(['stream_options.include_obfuscation']);
  });

  it.each([{ toString: 1 }, ['auto'], 5])('is refused: a service tier that is no word, %j', (tier) => {
    const rest = { service_tier: tier };
    expect(paramOf(() => written(geminiFormat, { rest }))).toBe('service_tier');
  });
});
