import { describe, expect, it } from 'vitest';
import { isRefusal, REFUSAL_TABLES } from '../../src/outcome/refusal.ts';
import { PHRASES } from '../../src/simulator/phrases.ts';

describe.each(REFUSAL_TABLES.map((table) => [table.language, table] as const))('refusals in %s', (_language, table) => {
  it.each(table.examples)('are seen in: %s', (text) => {
    expect(isRefusal(text)).toBe(true);
  });

  it.each(table.nearMisses)('are not seen in: %s', (text) => {
    expect(isRefusal(text)).toBe(false);
  });
});

describe('the refusal detector', () => {
  it.each(Object.entries(PHRASES))('tells what the simulator says in %s', (_language, phrases) => {
    expect(isRefusal(phrases.refusal)).toBe(true);
    expect([...phrases.sentences, phrases.beforeTools].filter(isRefusal)).toEqual([]);
  });

  it('looks at the beginning only', () => {
    const refusal = "I'm sorry, but I can't help with that.";
    expect(isRefusal(`${refusal} ${'More. '.repeat(1000)}`)).toBe(true);
    expect(isRefusal(`The harbour wakes early. ${refusal}`)).toBe(false);
  });

  it('reads around marks, pictures, line breaks and odd apostrophes', () => {
    for (const text of [
      '\n\n**I’m sorry**, but I can’t assist with that.',
      '🙏 Sorry,\nI canʼt do that.',
      '> I cannot help with that',
    ])
      expect(isRefusal(text)).toBe(true);
  });

  it('sees none in an empty text, in marks or in JSON', () => {
    for (const text of ['', '   ', '---', '{"answer":"I cannot help with that."}']) expect(isRefusal(text)).toBe(false);
  });
});
