import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelCall } from '../../src/core/call.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { promptLanguage } from '../../src/outcome/prompt-language.ts';

const GERMAN = 'Bitte erkläre mir, wie das über die Brücke und zurück geht.';
const FRENCH = 'Peux-tu m’expliquer comment fonctionne cette machine ?';

function languageOf(operation: Operation, body: unknown, metadata: Record<string, string> = {}): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const call = { document: JsonDocument.parse(text), metadata: new Map(Object.entries(metadata)) };
  return promptLanguage(operation, call as unknown as ModelCall);
}

const user = (content: unknown) => ({ role: 'user', content });
const assistant = { role: 'assistant', content: FRENCH };

describe('the prompt whose language counts', () => {
  it.each<[string, Operation, unknown]>([
    ['the last message of the user', 'chat', { messages: [user(FRENCH), assistant, user(GERMAN), assistant] }],
    [
      'its first text',
      'chat',
      {
        messages: [
          user([
            { type: 'image_url', image_url: { url: 'x' } },
            { type: 'text', text: GERMAN },
          ]),
        ],
      },
    ],
    [
      'an Anthropic message before the result of a tool',
      'messages',
      { messages: [user(GERMAN), assistant, user([{ type: 'tool_result', content: FRENCH }])] },
    ],
    ['the input of a response', 'responses', { input: GERMAN, instructions: FRENCH }],
    [
      'the last item of the user',
      'responses',
      { input: [user([{ type: 'input_text', text: GERMAN }]), { type: 'function_call', name: 'f' }] },
    ],
    ['a prompt to complete', 'text_completion', { prompt: GERMAN }],
    ['the first of several prompts', 'text_completion', { prompt: [GERMAN, FRENCH] }],
    ['a text to embed', 'embeddings', { input: [GERMAN] }],
  ])('is %s', (_what, operation, body) => {
    expect(languageOf(operation, body)).toBe('de');
  });

  it.each([
    {},
    { messages: [] },
    { messages: 'x' },
    { messages: [1, null, {}] },
    { input: [1, 2] },
    { messages: [user(7)] },
  ])('may be missing: %j', (body) => {
    for (const operation of ['chat', 'responses', 'messages', 'text_completion'] as const)
      expect(languageOf(operation, body)).toBe('');
  });

  it('is read where the JSON writes it in escapes', () => {
    const escaped = JSON.stringify({ messages: [user(GERMAN)] }).replace(
      /[^ -~]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    expect(escaped).toContain('\\u00e4');
    expect(languageOf('chat', escaped)).toBe('de');
  });

  it('may be cut anywhere in its escapes', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.constantFrom('\\\\', '\\n', '\\u00e4', '\\\\\\"', 'x\\\\\\u00e4'), (shift, piece) => {
        const text = `${'a'.repeat(shift)}${piece.repeat(2_000)}`;
        expect(languageOf('chat', `{"messages":[{"role":"user","content":"${text}"}]}`)).toBe('');
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('the language that the app tells', () => {
  it('wins, as its first part in lower case', () => {
    const body = { messages: [user(GERMAN)] };
    for (const [told, language] of [
      ['fr', 'fr'],
      ['pt-BR', 'pt'],
      ['EN_us', 'en'],
      ['yue', 'yue'],
    ] as const)
      expect(languageOf('chat', body, { language: told })).toBe(language);
  });

  it('is passed over where it is none', () => {
    for (const told of ['', 'german', '7', '*'])
      expect(languageOf('chat', { messages: [user(GERMAN)] }, { language: told })).toBe('de');
  });
});
