import { sendEvents, sendJson } from './answers.ts';
import type { Answer, Recorded } from './recording-upstream.ts';

/** Models that ask for a tool first, where they are given some, and say something then: as text, or JSON if that is wanted. */

interface Asked {
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly unknown[];
}

const CITY = { city: 'Köln' };
const SAID = JSON.stringify({ city: 'Köln', days: 3 });
/** Of what is said, in pieces as they come. */
const PIECES = [SAID.slice(0, 5), SAID.slice(5, 12), SAID.slice(12)];

function asked({ body }: Recorded): Asked {
  return JSON.parse(Buffer.from(body, 'latin1').toString('utf8')) as Asked;
}

const CHAT_USAGE = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };

export const speaksChat: Answer = (outgoing, index, request) => {
  const { stream, stream_options, tools } = asked(request);
  const isCalling = tools !== undefined && index === 0;
  const called = { name: 'weather', arguments: JSON.stringify(CITY) };
  const calls = [{ index: 0, id: 'call_1', type: 'function', function: called }];
  const finish_reason = isCalling ? 'tool_calls' : 'stop';
  const head = { id: 'chatcmpl-1', created: 1, model: 'a-model' };
  if (stream !== true) {
    const message = {
      role: 'assistant',
      content: isCalling ? null : SAID,
      ...(isCalling ? { tool_calls: calls } : {}),
    };
    sendJson(outgoing, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage: CHAT_USAGE,
    });
    return;
  }
  const deltas = isCalling ? [{ tool_calls: calls }] : PIECES.map((content) => ({ content }));
  const choices = [{ role: 'assistant' }, ...deltas].map((delta) => ({ index: 0, delta, finish_reason: null }));
  const ended = { index: 0, delta: {}, finish_reason };
  const chunk = { ...head, object: 'chat.completion.chunk' };
  const chunks = [...choices, ended].map((choice) => ({ ...chunk, choices: [choice] }));
  const isTelling = stream_options?.include_usage === true;
  sendEvents(outgoing, isTelling ? [...chunks, { ...chunk, choices: [], usage: CHAT_USAGE }] : chunks);
};

export const speaksResponses: Answer = (outgoing, _index, request) => {
  const content = [{ type: 'output_text', text: SAID, annotations: [] }];
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content };
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'a-model',
    status: 'completed',
    tools: [],
  };
  const whole = { ...response, output: [item], usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 } };
  if (asked(request).stream !== true) return sendJson(outgoing, whole);
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const empty = { type: 'output_text', text: '', annotations: [] };
  const events = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: empty },
    ...PIECES.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text: SAID },
    { type: 'response.content_part.done', ...place, part: content[0] },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return sendEvents(
    outgoing,
    events.map((event, sequence_number) => ({ ...event, sequence_number })),
  );
};

/** Of an assistant's run. */
export const speaksRuns: Answer = (outgoing) => {
  const run = { id: 'run_1', object: 'thread.run', thread_id: 'thread_1', status: 'completed' };
  const message = { id: 'msg_1', object: 'thread.message', role: 'assistant', thread_id: 'thread_1', content: [] };
  const text = { type: 'text', text: { value: SAID, annotations: [] } };
  sendEvents(outgoing, [
    { event: 'thread.run.created', data: { ...run, status: 'queued' } },
    { event: 'thread.message.created', data: message },
    ...PIECES.map((value) => ({
      event: 'thread.message.delta',
      data: {
        id: 'msg_1',
        object: 'thread.message.delta',
        delta: { content: [{ index: 0, type: 'text', text: { value } }] },
      },
    })),
    { event: 'thread.message.completed', data: { ...message, content: [text] } },
    { event: 'thread.run.completed', data: run },
    { event: 'done', data: '[DONE]' },
  ]);
};

export const speaksMessages: Answer = (outgoing, index, request) => {
  const { stream, tools } = asked(request);
  const isCalling = tools !== undefined && index === 0;
  const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: CITY };
  const block = isCalling ? call : { type: 'text', text: SAID };
  const stop = { stop_reason: isCalling ? 'tool_use' : 'end_turn', stop_sequence: null };
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'a-model' };
  const usage = { input_tokens: 3, output_tokens: 5 };
  if (stream !== true) return sendJson(outgoing, { ...head, content: [block], ...stop, usage });
  const opening = isCalling ? { ...call, input: {} } : { type: 'text', text: '' };
  const deltas = isCalling
    ? [{ type: 'input_json_delta', partial_json: JSON.stringify(CITY) }]
    : PIECES.map((text) => ({ type: 'text_delta', text }));
  return sendEvents(outgoing, [
    { type: 'message_start', message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage } },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: opening },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: stop, usage },
    { type: 'message_stop' },
  ]);
};
