/** Streams as providers send them, odd ones among them: written for these tests. */
export interface StreamFixture {
  readonly name: string;
  /** With the query that its clients send. */
  readonly path: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

const PATHS = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  responses: '/v1/responses',
  messages: '/v1/messages?beta=true',
} as const;

function fixture(name: string, protocol: keyof typeof PATHS, text: string): StreamFixture {
  return { name, path: PATHS[protocol], request: { model: 'm', stream: true }, bytes: Buffer.from(text) };
}

const lines = (...blocks: readonly string[]): string => blocks.map((block) => `${block}\n\n`).join('');

/** An Anthropic event; its data may be padded. */
const named = (event: string, data: string): string => `event: ${event}\ndata: ${data}`;

/** Complete, and so short that every split of them can be tried. */
export const SHORT_STREAMS: readonly StreamFixture[] = [
  fixture('chat, LF', 'chat', lines('data: {"choices":[{"delta":{"content":"é🌍"}}]}', 'data: [DONE]')),
  fixture('chat, CRLF', 'chat', 'data: {"choices":[{"delta":{"content":"世"}}]}\r\n\r\ndata: [DONE]\r\n\r\n'),
  fixture(
    'chat, an end with blanks',
    'chat',
    'data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata:  [DONE] \r\n\r\n',
  ),
  fixture('chat, CR', 'chat', 'data: {"choices":[{"delta":{"content":"x"}}]}\r\rdata: [DONE]\r\r'),
  fixture('completions', 'completions', lines('data:{"choices":[{"text":"ü","index":0}]}', 'data: [DONE]')),
  fixture(
    'responses',
    'responses',
    lines(
      named('response.output_text.delta', '{"type":"response.output_text.delta","delta":"é"}'),
      named('response.completed', '{"type":"response.completed"}'),
    ),
  ),
  fixture(
    'messages',
    'messages',
    lines(named('message_start', '{"type":"message_start"  }'), named('message_stop', '{"type":"message_stop"      }')),
  ),
];

const CHUNK = (delta: string, finish = 'null'): string =>
  `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":null,"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}],"usage":null,"obfuscation":"aZ09"}`;

const CHAT_LONG = lines(
  CHUNK('{"role":"assistant","content":"","refusal":null}'),
  ': keep-alive',
  ...['Grüße', ' an', ' die', ' 世界', ' 🌍\\ud83d', '\\ude00\\n', ' \\u0022quoted\\"', ' end.'].map((text) =>
    CHUNK(`{"content":"${text}"}`),
  ),
  CHUNK('{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}'),
  CHUNK('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"ci"}}]}'),
  CHUNK('{"tool_calls":[{"index":0,"function":{"arguments":"ty\\":\\"Köln\\"}"}}]}'),
  CHUNK('{}', '"tool_calls"'),
  'data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}',
  'data: [DONE]',
);

const RESPONSES_LONG = lines(
  ...[
    ['response.created', '"sequence_number":0,"response":{"id":"resp_1","status":"in_progress","output":[]}'],
    [
      'response.output_item.added',
      '"output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}',
    ],
    ['response.output_text.delta', '"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Grüße an"'],
    ['response.output_text.delta', '"item_id":"msg_1","output_index":0,"content_index":0,"delta":" die 世界 🌍"'],
    ['response.made_up_tomorrow', '"anything":[1.0,12345678901234567890]'],
    ['response.output_text.done', '"item_id":"msg_1","output_index":0,"content_index":0,"text":"Grüße an die 世界 🌍"'],
    [
      'response.completed',
      '"response":{"id":"resp_1","status":"completed","usage":{"input_tokens":4,"output_tokens":7}}',
    ],
  ].map(([type, fields]) => named(type!, `{"type":"${type}",${fields}}`)),
);

const MESSAGES_LONG = lines(
  named(
    'message_start',
    '{"type":"message_start","message":{"id":"msg_1","role":"assistant","content":[],"usage":{"input_tokens":9,"output_tokens":1}}             }',
  ),
  named(
    'content_block_start',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}    }',
  ),
  named('ping', '{"type": "ping"}'),
  named(
    'content_block_delta',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße an"}   }',
  ),
  named(
    'content_block_delta',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" die 世界 🌍"}          }',
  ),
  named('content_block_stop', '{"type":"content_block_stop","index":0   }'),
  named(
    'content_block_start',
    '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}',
  ),
  named(
    'content_block_delta',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"ci"}   }',
  ),
  named(
    'content_block_delta',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"ty\\": \\"Köln\\"}"} }',
  ),
  named('content_block_stop', '{"type":"content_block_stop","index":1 }'),
  named(
    'message_delta',
    '{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":21}  }',
  ),
  named('message_stop', '{"type":"message_stop"   }'),
);

const ODD = [
  '\uFEFFdata: {"choices":[{"index":0,"delta":{"content":"after a mark"}}]}\r\n\r\n',
  ': a comment\n:another\n\n',
  'id: 7\nretry: 3000\nevent: odd\ndata: {"choices":[{"index":0,\ndata: "delta":{"content":"two lines"}}]}\n\n',
  'data\n\n',
  '\n\n\r\n',
  'unknown: field\ndata:{"choices":[{"index":0,"delta":{"content":"x"}}]}\r\r',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n: bye',
].join('');

/** As servers end that do not write the last blank line, or nothing at all. */
const UNENDED = [
  ': PROCESSING\n\n\n',
  'data:\n\n',
  'data: {"choices":[{"index":0,"delta":{"content":"a\u2028b\u0085c"}}]}\n\r\n',
  'id\ndata: {"choices":[{"index":0,"delta":{"content":"世"},"finish_reason":"stop"}]}',
].join('');

const PINGS = lines(
  named('ping', '{"type": "ping"}'),
  named('message_start', '{"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}}'),
  named('ping', '{"type": "ping"}'),
  named('made_up_tomorrow', '{"type":"made_up_tomorrow","ü":[1.0]}'),
).concat(named('message_stop', '{"type":"message_stop"}'), '\n');

/** Long enough that only some splits can be tried. */
export const LONG_STREAMS: readonly StreamFixture[] = [
  fixture('chat with tools, usage and a comment', 'chat', CHAT_LONG),
  fixture('chat with CRLF', 'chat', CHAT_LONG.replaceAll('\n', '\r\n')),
  fixture(
    'completions',
    'completions',
    lines(
      ...['Ein', 'mal 世', ' 🌍'].map(
        (text) => `data: {"choices":[{"text":"${text}","index":0,"finish_reason":null}]}`,
      ),
      'data: [DONE]',
    ),
  ),
  fixture('responses with a type of tomorrow', 'responses', RESPONSES_LONG),
  fixture('messages with padding', 'messages', MESSAGES_LONG),
  fixture('messages with CRLF', 'messages', MESSAGES_LONG.replaceAll('\n', '\r\n')),
  fixture('everything that the format allows', 'chat', ODD),
  fixture('chat without an end', 'chat', UNENDED),
  fixture('messages with pings and half an end', 'messages', PINGS),
];
