import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { WIRES } from '../../../src/core/translation.ts';
import { PartCollector } from '../../../src/translate/collect-parts.ts';
import type { Conversation, Message, Part } from '../../../src/translate/conversation.ts';
import { messagesFormat } from '../../../src/translate/messages/format.ts';
import { CONTEXT, conversation, readStream, sse, text, write, writeStream } from './support.ts';

const SEED = { seed: 20_261_121, numRuns: 500 };
const STOP = { reason: 'stop', stopSequence: null, detail: null } as const;

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((each) => `.${each}.`);
const identifier = fc.stringMatching(/^[a-z][\w-]{0,8}$/);
const cache = fc.constantFrom({}, { cache_control: { type: 'ephemeral', ttl: '5m' } });
const inputs = fc.dictionary(identifier, fc.oneof(word, fc.integer(), fc.boolean(), fc.array(word, { maxLength: 2 })), {
  maxKeys: 3,
});

const textBlock = fc.tuple(word, cache).map(([value, mark]) => ({ type: 'text', text: value, ...mark }));
const imageBlock = fc.constantFrom(
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
  { type: 'image', source: { type: 'url', url: 'https://a.example/b' } },
  { type: 'image', source: { type: 'file', file_id: 'file_1' } },
);
const documentBlock = fc.tuple(word, word).map(([data, title]) => ({
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data },
  title,
  citations: { enabled: true },
}));
const resultBlock = fc
  .tuple(identifier, fc.oneof(word, fc.array(fc.oneof(imageBlock, documentBlock), { minLength: 1, maxLength: 2 })))
  .map(([id, content]) => ({ type: 'tool_result', tool_use_id: id, content, is_error: true }));
const foreignBlock = fc
  .tuple(identifier, inputs)
  .map(([id, input]) => ({ type: 'server_tool_use', id, name: 'web_search', input }));
const callBlock = fc
  .tuple(identifier, identifier, inputs)
  .map(([id, name, input]) => ({ type: 'tool_use', id, name, input }));
const thinkingBlock = fc.oneof(
  fc.tuple(word, word).map(([thinking, signature]) => ({ type: 'thinking', thinking, signature })),
  word.map((data) => ({ type: 'redacted_thinking', data })),
);
const citedBlock = fc.tuple(word, word).map(([value, cited_text]) => ({
  type: 'text',
  text: value,
  citations: [{ type: 'char_location', cited_text, document_index: 0 }],
}));
const userContent = fc
  .tuple(
    fc.array(resultBlock, { maxLength: 2 }),
    fc.array(fc.oneof(textBlock, imageBlock, documentBlock), { minLength: 1, maxLength: 3 }),
  )
  .map(([results, others]) => [...results, ...others]);
const replyContent = fc.array(fc.oneof(thinkingBlock, textBlock, citedBlock, foreignBlock, callBlock), {
  minLength: 1,
  maxLength: 4,
});

const request = fc
  .record({
    turns: fc.array(fc.tuple(userContent, replyContent), { maxLength: 3 }),
    last: userContent,
    system: fc.array(textBlock, { maxLength: 2 }),
    effort: fc.constantFrom(null, 'low', 'high'),
    tools: fc.uniqueArray(identifier, { minLength: 1, maxLength: 2 }),
  })
  .map(({ turns, last, system, effort, tools }) => ({
    model: 'claude-opus-4-6',
    max_tokens: 500,
    messages: [
      ...turns.flatMap(([user, assistant]) => [
        { role: 'user', content: user },
        { role: 'assistant', content: assistant },
      ]),
      { role: 'user', content: last },
    ],
    ...(system.length > 0 && { system }),
    tools: tools.map((name) => ({ name, input_schema: { type: 'object' } })),
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    ...(effort !== null && { thinking: { type: 'adaptive' }, output_config: { effort } }),
    stop_sequences: ['END'],
  }));

describe('what a client of Anthropic says', () => {
  it('reaches Anthropic as it was said', () => {
    fc.assert(
      fc.property(request, (body) => {
        const { body: written, approximated } = write(messagesFormat.readRequest(body), body.model);
        expect(written).toEqual(body);
        expect(approximated).toEqual([]);
      }),
      SEED,
    );
  });

  it('never throws anything but an error that names a field, whatever it is', () => {
    const names = [
      'type',
      'text',
      'source',
      'content',
      'role',
      'id',
      'name',
      'input',
      'data',
      'url',
      'user',
      'assistant',
      'image',
      'document',
    ];
    const values = fc.oneof(
      fc.constantFrom(...names, 'tool_use', 'tool_result', 'base64', 'thinking', '__proto__'),
      fc.integer(),
      fc.constant(null),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 5 }, values, fc.array(tie('node'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(
        fc.constantFrom(...names, 'signature', 'thinking', 'citations', 'tool_use_id', 'cache_control'),
        tie('node'),
        { maxKeys: 5 },
      ),
    }));
    const body = fc.record(
      {
        model: fc.constant('x'),
        messages: fc.array(tree.node, { maxLength: 3 }),
        system: tree.node,
        tools: fc.array(tree.node, { maxLength: 2 }),
        tool_choice: tree.node,
        thinking: tree.node,
        output_config: tree.node,
        metadata: tree.node,
        max_tokens: fc.constantFrom(0, 1, 1.5, 'x', null),
        stop_sequences: tree.node,
      },
      { requiredKeys: ['model', 'messages'] },
    );
    fc.assert(
      fc.property(body, (value) => {
        const isWritten = onlyGatewayErrors(() => write(messagesFormat.readRequest(value)));
        expect(isWritten && value.messages.length === 0).toBe(false);
      }),
      SEED,
    );
  });
});

function onlyGatewayErrors(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof GatewayError) return false;
    throw error;
  }
}

describe('what Anthropic says', () => {
  it('reaches its clients as it was said', () => {
    fc.assert(
      fc.property(replyContent, (content) => {
        const reply = {
          id: 'msg_1',
          model: 'm',
          content,
          stop_reason: 'end_turn',
          usage: { input_tokens: 3, output_tokens: 4 },
        };
        const written = messagesFormat.writeReply(messagesFormat.readReply(reply), CONTEXT) as typeof reply;
        expect(written.content.map(plain)).toEqual(content.map(plain));
        expect(written).toMatchObject({ id: 'msg_1', model: 'm', stop_reason: 'end_turn', usage: reply.usage });
      }),
      SEED,
    );
  });

  it('is the same in a stream as whole, there and back, however its texts are cut', () => {
    fc.assert(
      fc.property(replyContent, fc.integer({ min: 1, max: 5 }), (content, size) => {
        const whole = messagesFormat.readReply({ content, stop_reason: 'end_turn' }).choices;
        const parts = readStream(streamOf(content, size));
        expect(collected(parts)).toEqual(whole);
        expect(collected(readStream(writeStream(parts)))).toEqual(whole);
      }),
      SEED,
    );
  });
});

/** Members that a reader makes no difference by. */
function plain(block: object): object {
  const { cache_control: _cache, caller: _caller, citations, ...rest } = block as Record<string, unknown>;
  return { ...rest, citations: citations ?? null };
}

function collected(parts: ReturnType<typeof readStream>): unknown {
  const collector = new PartCollector();
  parts.forEach(collector.push);
  return collector.completion(STOP).choices;
}

function streamOf(content: readonly object[], size: number): Buffer {
  const events = content.flatMap((block, index) => blockEvents(block as Record<string, unknown>, index, size));
  const end = {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 1 },
  };
  return sse({ type: 'message_start', message: { id: 'm', model: 'm', usage: {} } }, ...events, end, {
    type: 'message_stop',
  });
}

function blockEvents(block: Record<string, unknown>, index: number, size: number): object[] {
  const start = (content_block: object): object => ({ type: 'content_block_start', index, content_block });
  const delta = (value: object): object => ({ type: 'content_block_delta', index, delta: value });
  const pieces = (value: string): string[] => value.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
  const stop = { type: 'content_block_stop', index };
  switch (block['type']) {
    case 'text': {
      const citations = (block['citations'] as object[] | undefined) ?? [];
      const texts = pieces(block['text'] as string).map((each) => delta({ type: 'text_delta', text: each }));
      return [
        start({ type: 'text', text: '' }),
        ...texts,
        ...citations.map((citation) => delta({ type: 'citations_delta', citation })),
        stop,
      ];
    }
    case 'thinking': {
      const thoughts = pieces(block['thinking'] as string).map((thinking) =>
        delta({ type: 'thinking_delta', thinking }),
      );
      const proof = delta({ type: 'signature_delta', signature: block['signature'] });
      return [start({ type: 'thinking', thinking: '', signature: '' }), ...thoughts, proof, stop];
    }
    case 'redacted_thinking':
      return [start(block), stop];
    default: {
      const fragments = pieces(JSON.stringify(block['input'])).map((partial_json) =>
        delta({ type: 'input_json_delta', partial_json }),
      );
      return [start({ ...block, input: {} }), ...fragments, stop];
    }
  }
}

describe('any conversation', () => {
  const signature = fc.record({ wire: fc.constantFrom(...WIRES), value: word });
  const media = fc.oneof(
    fc.record({
      kind: fc.constant('base64' as const),
      mediaType: fc.constantFrom('image/png', 'image/png', 'application/pdf'),
      data: fc.base64String(),
    }),
    fc.record({ kind: fc.constant('url' as const), url: word, mediaType: fc.constant(null) }),
    fc.record({ kind: fc.constant('id' as const), id: word.map((each) => `file_${each}`) }),
  );
  const part: fc.Arbitrary<Part> = fc.oneof(
    { weight: 6, arbitrary: word.map(text) },
    word.map((value): Part => ({ kind: 'refusal', text: value })),
    fc
      .tuple(word, fc.option(signature))
      .map(([value, proof]): Part => ({ kind: 'thinking', text: value, signature: proof, id: null })),
    fc.record({ kind: fc.constant('hidden_thinking' as const), data: signature }),
    fc
      .tuple(
        fc.string(),
        identifier,
        fc.oneof(
          { weight: 9, arbitrary: inputs.map((each) => JSON.stringify(each)) },
          { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string()) },
        ),
      )
      .map(([id, name, json]): Part => ({
        kind: 'tool_call',
        id,
        name,
        arguments: json,
        isCustom: false,
        cache: null,
      })),
    fc.tuple(fc.string(), word).map(([callId, value]): Part => ({
      kind: 'tool_result',
      callId,
      content: [text(value)],
      isError: null,
      isCustom: false,
      cache: null,
    })),
    media.map((source): Part => ({ kind: 'image', source, detail: null, cache: null })),
    media.map((source): Part => ({ kind: 'file', source, name: null, context: null, citations: false, cache: null })),
    fc
      .constantFrom('messages' as const, 'messages' as const, ...WIRES)
      .map((wire): Part => ({ kind: 'foreign', wire, type: 'x', value: { type: 'x' } })),
  );
  const messages: fc.Arbitrary<Message[]> = fc.array(
    fc.record({
      path: fc.constant('messages[0]'),
      role: fc.constantFrom(...(['user', 'assistant', 'user', 'assistant', 'user', 'assistant', 'system'] as const)),
      name: fc.constant(null),
      parts: fc.array(part, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const reasoning: fc.Arbitrary<Conversation['reasoning']> = fc.option(
    fc.record({
      mode: fc.constantFrom('on' as const, 'off' as const, 'adaptive' as const),
      effort: fc.constantFrom(null, 'none', 'minimal', 'high', 'odd'),
      budgetTokens: fc.constantFrom(null, 0, 5000, 1e9),
      summary: fc.constantFrom(null, 'auto', 'none'),
    }),
  );
  const models = fc.constantFrom(
    'claude-3-haiku-20240307',
    'claude-sonnet-4-5',
    'claude-opus-4-6',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'other',
  );
  const textsOf = ({ parts }: Message): string[] =>
    parts.flatMap((each) =>
      each.kind === 'text' || each.kind === 'refusal'
        ? [each.text]
        : each.kind === 'tool_result'
          ? each.content.map((one) => (one as { text: string }).text)
          : [],
    );

  it('reaches Anthropic with all of its text, or is refused', () => {
    let sent = 0;
    fc.assert(
      fc.property(messages, reasoning, models, (said, thinking, model) => {
        const over = { messages: said, reasoning: thinking, sampling: { maxTokens: 3000 } };
        let written = '';
        if (!onlyGatewayErrors(() => (written = JSON.stringify(write(conversation(over), model).body)))) return;
        sent++;
        for (const each of said.flatMap(textsOf)) expect(written).toContain(JSON.stringify(each));
        expect(JSON.parse(written)).not.toMatchObject({ thinking: { budget_tokens: 3000 } });
      }),
      SEED,
    );
    expect(sent).toBeGreaterThan(SEED.numRuns / 5);
  });
});
