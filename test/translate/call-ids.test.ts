import { expect, test } from 'vitest';
import { CallIds } from '../../src/translate/call-ids.ts';
import { geminiFormat } from '../../src/translate/gemini/format.ts';
import { partsOf, sse } from './provider-support.ts';

const CALLS = {
  candidates: [
    {
      content: {
        parts: [
          { functionCall: { name: 'f' } },
          { functionCall: { name: 'g', id: 'own' } },
          { functionCall: { name: 'f' } },
        ],
      },
      finishReason: 'STOP',
    },
  ],
};

test('calls without ids get the same in a stream and in a whole reply; those that have one keep it', () => {
  const stream = new CallIds('chat', 'x1');
  const streamed = partsOf(geminiFormat, sse(CALLS))
    .map((part) => stream.named(part))
    .flatMap((part) => (part.kind === 'block_start' && part.block.kind === 'tool_call' ? [part.block.id] : []));
  const whole = new CallIds('chat', 'x1').namedIn(geminiFormat.readReply(CALLS));
  expect(streamed).toEqual(['call_x1_0', 'own', 'call_x1_2']);
  expect(whole.choices[0]!.parts.map((part) => (part.kind === 'tool_call' ? part.id : ''))).toEqual(streamed);
});

test('for clients of Anthropic they look like Anthropic’s', () => {
  const { choices } = new CallIds('messages', 'x1').namedIn(geminiFormat.readReply(CALLS));
  expect(choices[0]!.parts[0]).toMatchObject({ id: 'toolu_x1_0' });
});
