import { describe, expect, it } from 'vitest';
import { RouteTable } from '../../src/route/match-route.ts';
import { route } from './fixtures.ts';

const table = new RouteTable([
  route('chat-fast', 'sim/fast-v1'),
  route('modèle', 'sim/named'),
  route('gpt-4', 'sim/exact'),
  route('gpt-4*', 'sim/longer'),
  route('gpt-*', 'sim/shorter'),
  route('*', 'sim/any'),
]);
const chosen = (model: string): string | null => table.match(model)?.target.model ?? null;

describe('the route of a model name', () => {
  it.each([
    ['gpt-4', 'exact'],
    ['gpt-4o', 'longer'],
    ['gpt-3.5', 'shorter'],
    ['claude', 'any'],
    ['CHAT-FAST', 'any'],
  ])('of %s is the exact one before globs, and the first glob in the order given', (model, expected) => {
    expect(chosen(model)).toBe(expected);
  });

  it('is never a glob for names with look-alike, white or control characters', () => {
    for (const model of ['gрt-4', 'gpt-４', 'gpt-4\u200b', 'gpt 4', 'gpt-4\n', '', 'modèle2'])
      expect(chosen(model)).toBeNull();
    expect(chosen('modèle')).toBe('named');
  });

  it('is found for no name that stands on an object by nature', () => {
    const exact = new RouteTable([route('a', 'sim/a')]);
    for (const model of ['constructor', '__proto__', 'toString']) expect(exact.match(model)).toBeNull();
  });

  it('of the names that apps can ask for are the exact ones, in order', () => {
    expect([...table.named()].map(({ name }) => name)).toEqual(['chat-fast', 'modèle', 'gpt-4']);
  });
});
