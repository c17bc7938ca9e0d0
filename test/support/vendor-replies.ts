import type { UpstreamHandler } from './fake-upstream.ts';

/** Small replies of two vendors, whole and as streams, as tests of translation need them. */
interface Said {
  readonly texts: readonly string[];
  readonly input?: number;
  readonly output?: number;
}

export function claudeReply({ texts, input = 7, output = 3 }: Said): string {
  const content = [{ type: 'text', text: texts.join('') }];
  const usage = { input_tokens: input, output_tokens: output };
  return JSON.stringify({ ...CLAUDE_HEAD, content, stop_reason: 'end_turn', stop_sequence: null, usage });
}

const CLAUDE_HEAD = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5' };

export function claudeEvents({ texts, input = 7, output = 3 }: Said): string[] {
  const usage = { input_tokens: input, output_tokens: 1 };
  return [
    named({ type: 'message_start', message: { ...CLAUDE_HEAD, content: [], stop_reason: null, usage } }),
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...texts.map((text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    named({ type: 'content_block_stop', index: 0 }),
    named({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } }),
    named({ type: 'message_stop' }),
  ];
}

function named(data: { readonly type: string; readonly [name: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function chatEvents({ texts, input = 7, output = 3 }: Said, tellsUsage = true): string[] {
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  return [
    ...texts.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    ...(tellsUsage ? [chunk([], { usage })] : []),
    'data: [DONE]\n\n',
  ];
}

function chunk(choices: readonly unknown[], more: object = {}): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt', choices, ...more })}\n\n`;
}

export const streams =
  (events: readonly string[], headers: Readonly<Record<string, string>> = {}): UpstreamHandler =>
  ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    for (const event of events) outgoing.write(event);
    outgoing.end();
  };

/** Begins, and says nothing more. */
export const stalls =
  (events: readonly string[]): UpstreamHandler =>
  ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(events.join(''));
  };

export const answers =
  (body: string | Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): UpstreamHandler =>
  ({ outgoing }) =>
    void outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
