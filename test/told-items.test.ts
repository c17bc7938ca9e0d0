import { expect, test } from 'vitest';
import { ToldItems } from '../src/told-items.ts';

const ITEM = { id: 'msg_1', json: '{"id":"msg_1","type":"message","role":"assistant","content":[]}' };
const REFERENCE = { type: 'item_reference', id: 'msg_1' };

function told(): ToldItems {
  const items = new ToldItems();
  items.keep('key_a', [ITEM]);
  return items;
}

test('what a reply told stands in for its name, the rest stays as it is', () => {
  const asked = {
    model: 'm',
    input: [{ role: 'user', content: 'x' }, REFERENCE, { type: 'item_reference', id: 'other' }],
  };
  expect(told().resolved('key_a', asked)).toEqual({
    model: 'm',
    input: [{ role: 'user', content: 'x' }, JSON.parse(ITEM.json), { type: 'item_reference', id: 'other' }],
  });
});

test('a reference needs no type', () => {
  expect(told().resolved('key_a', { input: [{ id: 'msg_1' }] })).toEqual({ input: [JSON.parse(ITEM.json)] });
});

test('nobody else has it', () => {
  const asked = { input: [REFERENCE] };
  expect(told().resolved('key_b', asked)).toEqual(asked);
});

test('a request without references is not touched', () => {
  for (const asked of [{ input: 'x' }, {}, { input: [{ role: 'user', id: 'msg_1', content: 'x' }] }])
    expect(told().resolved('key_a', asked)).toBe(asked);
});

test('an item that is larger than all that is kept is not kept', () => {
  const items = new ToldItems();
  const large = { id: 'msg_2', json: `"${'x'.repeat(33 * 1024 * 1024)}"` };
  items.keep('key_a', [ITEM, large]);
  const asked = { input: [REFERENCE, { type: 'item_reference', id: 'msg_2' }] };
  expect(items.resolved('key_a', asked)).toEqual({ input: [JSON.parse(ITEM.json), asked.input[1]] });
});

test('of what a request names, what is not here is told, of each caller apart', () => {
  const text = JSON.stringify({ input: [REFERENCE, { id: 'msg_2' }, { role: 'user', content: 'x' }] });
  expect(told().missing('key_a', text)).toEqual(['msg_2']);
  expect(told().missing('key_b', text)).toEqual(['msg_1', 'msg_2']);
  expect(told().missing('key_a', '{"input":"x"}')).toEqual([]);
});

test('what another process was told is found there, and kept here', () => {
  const here = new ToldItems();
  expect(told().known('key_b', ['msg_1'])).toEqual([]);
  here.keep('key_a', told().known('key_a', ['msg_1', 'msg_2']));
  expect(here.resolved('key_a', { input: [REFERENCE] })).toEqual({ input: [JSON.parse(ITEM.json)] });
});
