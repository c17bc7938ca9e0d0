import { describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, redactBody, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);

describe.each(DETECTORS.map((detector) => [detector.id, detector] as const))('%s', (id, detector) => {
  it.each(detector.examples.map(({ text, value }) => [text, value ?? text] as const))(
    'finds all of %j',
    (text, value) => {
      for (const around of ['', ' ', '"', '\n', '(', "key='"]) {
        const { findings } = redactor.redactText(`${around}${text} `, 'request');
        const start = around.length + text.indexOf(value);
        expect(findings).toContainEqual({
          rule: id,
          category: detector.category,
          action: 'mask',
          start,
          end: start + value.length,
        });
      }
    },
  );

  it('finds in a document what it finds in the text', () => {
    const texts = [...detector.examples.map(({ text }) => text), ...detector.nearMisses];
    const body = redactBody(redactor, { messages: texts.map((content) => ({ content })) });
    expect(body).toEqual({
      messages: texts.map((text) => ({ content: redactor.redactText(text, 'request').text })),
    });
  });

  it.each([...detector.nearMisses])('finds nothing of its kind in %j', (text) => {
    const { findings } = redactor.redactText(text, 'request');
    expect(findings.map(({ rule }) => rule)).not.toContain(id);
  });
});

describe('the registry', () => {
  it('gives every rule its own dotted id', () => {
    const ids = DETECTORS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^(?:secret|pii)\.[a-z0-9_]+$/.test(id))).toEqual([]);
  });

  it('has examples, near misses and a source for every rule', () => {
    const bare = DETECTORS.filter(({ examples, nearMisses, source }) => {
      return examples.length === 0 || nearMisses.length === 0 || !source.startsWith('https://');
    });
    expect(bare).toEqual([]);
  });
});
