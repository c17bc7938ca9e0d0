import { describe, expect, it } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import { OPERATIONS, type Operation } from '../../src/core/operation.ts';
import { StreamRelay } from '../../src/stream/relay.ts';
import { dialectOf, UsageMeter } from '../../src/stream/usage-meter.ts';

const MAX_EVENT_BYTES = 1024 * 1024;

interface Metered {
  readonly exchange: Exchange;
  readonly isTruncated: boolean;
  /** Number of the event, from 1, at which the first token was seen. */
  readonly firstTokenAt: number | null;
}

/** Runs events through a meter on a clock that counts them. */
function meter(operation: Operation, events: readonly string[], choices = 1): Metered {
  const exchange = new Exchange('id', operation, 'openai', 0, 0);
  exchange.choices = choices;
  let now = 0;
  const meter = new UsageMeter(exchange, dialectOf(operation), { now: () => now, wall: () => 0 });
  const relay = new StreamRelay([meter], MAX_EVENT_BYTES);
  for (const event of events) {
    now++;
    const bytes = Buffer.from(`${event}\n\n`);
    expect(relay.push(bytes)).toEqual(bytes);
  }
  relay.finish('end');
  return { exchange, isTruncated: meter.isTruncated, firstTokenAt: exchange.firstTokenAt };
}

const data = (...events: string[]): string[] => events.map((event) => `data: ${event}`);
const named = (...events: string[]): string[] =>
  events.map((event) => `event: ${/"type": ?"([^"]+)"/.exec(event)![1]}\ndata: ${event}`);
/** The same JSON with a space wherever one may stand between tokens outside strings. */
const spaced = (event: string): string =>
  event.replace(/("(?:[^"\\]|\\.)*")|([{}[\],:])/g, (_all, text?: string, mark?: string) => text ?? ` ${mark} `);

const CHAT = data(
  '{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}',
  '{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}',
  '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}',
  '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}',
  '[DONE]',
);
const COMPLETIONS = data(
  '{"object":"text_completion","choices":[{"index":0,"text":"Hi","finish_reason":null}]}',
  '{"object":"text_completion","choices":[{"index":0,"text":"","finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}',
  '[DONE]',
);
const RESPONSES = named(
  '{"type":"response.created","response":{"status":"in_progress","usage":null,"metadata":{}}}',
  '{"type":"response.output_item.added","item":{"type":"message"}}',
  '{"type":"response.output_text.delta","delta":"Hi"}',
  '{"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":9,"output_tokens":2,"input_tokens_details":{"cached_tokens":4}}}}',
);
const MESSAGES = named(
  '{"type":"message_start","message":{"role":"assistant","stop_reason":null,"usage":{"input_tokens":5,"cache_read_input_tokens":4,"output_tokens":1}}}',
  '{"type":"ping"}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
  '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}',
  '{"type":"message_stop"}',
);

const STREAMS = [
  { operation: 'chat', events: CHAT, finish: 'stop', cached: 4, first: 2 },
  { operation: 'text_completion', events: COMPLETIONS, finish: 'length', cached: 0, first: 1 },
  { operation: 'responses', events: RESPONSES, finish: 'completed', cached: 4, first: 3 },
  { operation: 'messages', events: MESSAGES, finish: 'end_turn', cached: 4, first: 3 },
] as const;

describe.each(STREAMS)('the meter of a $operation stream', ({ operation, events, finish, cached, first }) => {
  const respaced = events.map((event) => event.replace(/(?<=data: )\{.*/, spaced));

  it.each([
    ['compact', events],
    ['spaced', respaced],
  ])('reads tokens, finish reason and first token from %s JSON', (_form, written) => {
    const { exchange, isTruncated, firstTokenAt } = meter(operation, written);
    expect(exchange.usage).toEqual({ inputTokens: 9, outputTokens: 2, cachedInputTokens: cached });
    expect([exchange.finishReason, exchange.outcome, isTruncated, firstTokenAt]).toEqual([
      finish,
      'success',
      false,
      first,
    ]);
  });

  it('knows that a stream without its last events is incomplete', () => {
    for (let length = 0; length < first + 1; length++) {
      const whole = events.slice(0, length);
      if (whole.some((event) => event.includes(`"${finish}"`))) continue;
      expect({ length, isTruncated: meter(operation, whole).isTruncated }).toEqual({ length, isTruncated: true });
    }
    expect(meter(operation, [': only a comment']).isTruncated).toBe(true);
  });
});

describe('the meter of a chat stream', () => {
  const quoting =
    '{"choices":[{"delta":{"content":"{\\"finish_reason\\":\\"stop\\",\\"usage\\":{\\"prompt_tokens\\":99}}"}}]}';

  it('is not fooled by text that quotes the protocol', () => {
    const { exchange, isTruncated } = meter(
      'chat',
      data(quoting, '{"choices":[{"delta":{"content":"finish_reason"}}]}'),
    );
    expect([exchange.finishReason, exchange.usage, isTruncated]).toEqual(['', null, true]);
  });

  it.each([
    '"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]',
    '"reasoning_content":"hm"',
    '"refusal":"no"',
  ])('takes %s for output', (delta) => {
    expect(
      meter('chat', data('{"choices":[{"delta":{"content":""}}]}', `{"choices":[{"delta":{${delta}}}]}`)).firstTokenAt,
    ).toBe(2);
  });

  it.each(['{"error":{"message":"boom"}}', '{ "error" : {"message":"boom"}}', '{"error":"boom"}'])(
    'counts %s as the end and as an error',
    (event) => {
      const { exchange, isTruncated } = meter('chat', [...CHAT.slice(0, 2), ...data(event)]);
      expect([exchange.outcome, exchange.errorType, isTruncated]).toEqual(['error', 'upstream_error', false]);
    },
  );

  it('takes an empty error for none', () => {
    expect(
      meter('chat', data('{"error":null,"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}')).exchange
        .outcome,
    ).toBe('success');
  });

  it('reads a stream of joined data lines', () => {
    expect(
      meter('chat', ['data: {"choices":[],\ndata: "usage":{"prompt_tokens":3,"completion_tokens":1}}']).exchange.usage
        ?.inputTokens,
    ).toBe(3);
  });

  it('counts no figure that is none', () => {
    const { exchange } = meter(
      'chat',
      data(
        '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}',
        '{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":1e999}}',
        '{"choices":[],"usage":{"prompt_tokens":"7","completion_tokens":0.5}}',
        '{"usage":{"prompt_tokens":9,',
      ),
    );
    expect(exchange.usage).toEqual({ inputTokens: 3, outputTokens: 4, cachedInputTokens: 0 });
  });
});

describe('the meter of a responses stream', () => {
  it('goes by the event, not by what the event quotes of the request', () => {
    const quoting = '"tools":[{"parameters":{"type":"error"}}],"metadata":{"type":"response.completed"}';
    const { exchange, isTruncated } = meter('responses', named(`{"type":"response.created","response":{${quoting}}}`));
    expect([exchange.finishReason, exchange.outcome, isTruncated]).toEqual(['', 'success', true]);
  });

  it('finds the type of events that have no name', () => {
    const { exchange, isTruncated } = meter(
      'responses',
      data('{"type":"response.created"}', '{ "type" : "response.incomplete"}'),
    );
    expect([exchange.finishReason, isTruncated]).toEqual(['incomplete', false]);
  });

  it.each(['response.failed', 'error'])('counts %s as the end and as an error', (type) => {
    const { exchange, isTruncated } = meter('responses', [...RESPONSES.slice(0, 3), ...named(`{"type":"${type}"}`)]);
    expect([exchange.outcome, isTruncated]).toEqual(['error', false]);
  });
});

describe('the meter of a messages stream', () => {
  it('adds what the cache served and stored to the input', () => {
    const usage = '{"input_tokens":1,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":3}';
    const { exchange } = meter('messages', named(`{"type":"message_start","message":{"usage":${usage}}}`));
    expect(exchange.usage).toEqual({ inputTokens: 121, cacheWriteTokens: 20, outputTokens: 3, cachedInputTokens: 100 });
  });

  it('goes by the event, not by what a tool block holds', () => {
    const block =
      '{"type":"content_block_start","content_block":{"type":"server_tool_use","input":{"stop_reason":"refusal","type":"error"}}}';
    const { exchange, isTruncated } = meter('messages', [MESSAGES[0]!, ...named(block)]);
    expect([exchange.finishReason, exchange.outcome, isTruncated]).toEqual(['', 'success', true]);
  });

  it('counts an error event as the end and as an error', () => {
    const { exchange, isTruncated } = meter('messages', [
      MESSAGES[0]!,
      ...named('{"type":"error","error":{"type":"overloaded_error"}}'),
    ]);
    expect([exchange.outcome, exchange.errorType, isTruncated]).toEqual(['error', 'upstream_error', false]);
  });
});

describe('the meter of any other stream', () => {
  it.each(OPERATIONS.filter((operation) => !STREAMS.some((stream) => stream.operation === operation)))(
    '(%s) judges nothing and reads usage where it stands',
    (operation) => {
      const { exchange, isTruncated } = meter(operation, data('{"usage":{"prompt_tokens":3}}'));
      expect([exchange.usage?.inputTokens, isTruncated, meter(operation, []).isTruncated]).toEqual([3, false, false]);
    },
  );
});

describe('a stream without [DONE]', () => {
  const finish = (index: number, reason: string): string =>
    `data: {"choices":[{"index":${index},"delta":{},"finish_reason":${reason}}]}`;

  it('is complete when every choice that was asked for has told why it ended', () => {
    expect(meter('chat', [finish(0, '"stop"')], 1).isTruncated).toBe(false);
    expect(meter('chat', [finish(0, '"stop"')], 2).isTruncated).toBe(true);
    expect(meter('chat', [finish(0, '"stop"'), finish(1, '"length"')], 2).isTruncated).toBe(false);
  });

  it('is not complete by a reason that says nothing', () => {
    expect(meter('chat', [finish(0, '""')]).isTruncated).toBe(true);
    expect(meter('chat', [finish(0, 'null')]).isTruncated).toBe(true);
  });

  it('may end in [DONE] with a blank behind it', () => {
    expect(meter('chat', [finish(0, 'null'), 'data: [DONE] ']).isTruncated).toBe(false);
  });
});
