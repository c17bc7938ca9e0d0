import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { chatFormat } from '../../../src/translate/chat/format.ts';
import type { StreamPart } from '../../../src/translate/completion.ts';
import { responsesFormat } from '../../../src/translate/responses/format.ts';
import { broken, chatRequests, responsesRequests } from '../support/openai-arbitraries.ts';
import { block, bytesOf, CONTEXT, END, finish, partsOf, sse, START, USAGE, written } from '../support/openai.ts';
import { runsOf } from '../../support/runs.ts';

const FORMATS = [chatFormat, responsesFormat];
const REQUESTS = [
  [chatFormat, chatRequests],
  [responsesFormat, responsesRequests],
] as const;
const NAMES = FORMATS.flatMap((from) => FORMATS.map((to) => [from.wire, to.wire] as const));
const formatOf = (wire: string) => FORMATS.find((each) => each.wire === wire)!;
const requestsOf = (wire: string) => REQUESTS.find(([format]) => format.wire === wire)![1];

/** What is said: neighbouring deltas of one block are one text. */
function told(parts: readonly StreamPart[]) {
  const found: unknown[] = [];
  let text = '';
  for (const part of parts) {
    if (part.kind === 'delta') text += part.text;
    else if (part.kind === 'block_start') text = '';
    else if (part.kind === 'block_end') found.push(text);
    if (part.kind === 'block_start' && part.block.kind === 'tool_call') found.push(part.block);
    if (part.kind === 'finish') found.push(part.finish.reason);
  }
  return found;
}

function outcomeOf(act: () => unknown): string {
  try {
    act();
    return 'done';
  } catch (error) {
    return error instanceof GatewayError ? 'refused' : String(error);
  }
}

/** How many blocks are open after each part. */
function depths(parts: readonly StreamPart[]): number[] {
  let open = 0;
  return parts.map(({ kind }) => {
    if (kind === 'block_start') open += 1;
    if (kind === 'block_end') open -= 1;
    return open;
  });
}

const texts = fc.array(fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }), { minLength: 1, maxLength: 4 });
const blocks = fc.array(
  fc.oneof(
    texts.map((each) => block({ kind: 'text' }, ...each)),
    fc
      .tuple(fc.uuid(), fc.jsonValue({ maxDepth: 1 }), fc.boolean())
      .map(([id, value, isCustom]) =>
        block({ kind: 'tool_call', id, name: 'f', isCustom }, '{"a":', `${JSON.stringify(value)}}`),
      ),
  ),
  { maxLength: 6 },
);

/** Neighbouring texts are one for a client of the chat format. */
const separated = blocks.map((each) =>
  each.filter((parts, index) => !isText(parts) || index === 0 || !isText(each[index - 1]!)),
);

function isText([first]: readonly StreamPart[]): boolean {
  return first?.kind === 'block_start' && first.block.kind === 'text';
}

describe.each(NAMES)('a generated request from %s to %s', (from, to) => {
  it('loses no text', () => {
    fc.assert(
      fc.property(requestsOf(from), ({ body, texts }) => {
        const text = JSON.stringify(written(formatOf(to), formatOf(from).readRequest(body)).body);
        for (const each of texts) expect(text).toContain(JSON.stringify(each).slice(1, -1));
      }),
      { seed: 6, numRuns: runsOf(300) },
    );
  });

  it('is translated or refused, whatever is wrong with it', () => {
    fc.assert(
      fc.property(broken(requestsOf(from)), (body) => {
        expect(outcomeOf(() => written(formatOf(to), formatOf(from).readRequest(body)))).toMatch(/^(done|refused)$/);
      }),
      { seed: 6, numRuns: runsOf(400) },
    );
  });
});

describe.each(FORMATS.map((format) => [format.wire, format] as const))('a generated stream of %s', (_, format) => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(separated, (generated) => {
        const reason = generated.some((parts) => !isText(parts)) ? 'tool_calls' : 'stop';
        const parts = [START, ...generated.flat(), finish(reason), USAGE, END];
        const read = partsOf(format.openReader(), bytesOf(format.openWriter(CONTEXT), parts));
        expect(told(read)).toEqual(told(parts));
        expect(read).toContainEqual(USAGE);
        expect(read.at(-1)).toEqual(END);
      }),
      { seed: 6, numRuns: runsOf(300) },
    );
  });

  it('is read without an exception, whatever it holds', () => {
    const words = [
      'response.output_text.delta',
      'response.output_item.done',
      'response.completed',
      'response.failed',
      'error',
    ];
    const members = [
      'choices',
      'delta',
      'tool_calls',
      'index',
      'content',
      'item',
      'output_index',
      'response',
      'output',
      'part',
      'usage',
      'type',
    ];
    const event = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(...words, null, 0, 1e9, -1, 'x', true),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom(...members), tie('value')),
    })).object;
    fc.assert(
      fc.property(fc.array(event as fc.Arbitrary<object>), (events) => {
        expect(outcomeOf(() => partsOf(format.openReader(), sse(...events)))).toBe('done');
      }),
      { seed: 6, numRuns: runsOf(400) },
    );
  });

  it('is begun and ended in pairs, whatever the order of the fragments', () => {
    const fragment = fc.record({
      index: fc.nat(2),
      function: fc.record({ name: fc.constantFrom('f', ''), arguments: fc.constantFrom('{', '}', '{}', '') }),
    });
    const delta = fc.record(
      { content: fc.constantFrom('a', ''), tool_calls: fc.array(fragment, { maxLength: 2 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(delta), (deltas) => {
        const chunks = deltas.map((each) => ({ id: 'c', choices: [{ index: 0, delta: each }] }));
        const parts = partsOf(chatFormat.openReader(), sse(...chunks, '[DONE]'));
        const open = depths(parts);
        expect(Math.max(0, ...open)).toBeLessThanOrEqual(1);
        expect(Math.min(0, ...open)).toBe(0);
        expect(open.at(-1) ?? 0).toBe(0);
        expect(parts.every(({ kind }, at) => kind !== 'delta' || open[at] === 1)).toBe(true);
      }),
      { seed: 6, numRuns: runsOf(300) },
    );
  });
});
