import OpenAI from 'openai';
import { SseParser, type SseEvent } from '../../../src/core/sse.ts';
import type { StreamPart } from '../../../src/translate/completion.ts';
import type { Conversation } from '../../../src/translate/conversation.ts';
import type { ProviderFormat, ReplyContext, StreamReader, StreamWriter } from '../../../src/translate/format.ts';
import { Notes } from '../../../src/translate/notes.ts';
import { CHAT_NAMES } from '../../../src/translate/chat/read-request.ts';

export const EMPTY: Conversation = {
  model: 'a-model',
  stream: false,
  system: [],
  messages: [],
  tools: [],
  toolChoice: null,
  parallelTools: null,
  output: null,
  reasoning: null,
  sampling: {
    maxTokens: null,
    temperature: null,
    topP: null,
    topK: null,
    stop: [],
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logprobs: null,
    choices: null,
  },
  user: null,
  rest: new Map(),
};

export const CONTEXT: ReplyContext = { conversation: EMPTY, id: 'f00d', now: 1_700_000_000 };

export function notes(): Notes {
  return new Notes(CHAT_NAMES, 'Example');
}

/** What a provider is sent, and what of it is near only. */
export function written(format: ProviderFormat, conversation: Conversation, model = 'a-model') {
  const taken = notes();
  const body = format.writeRequest(conversation, model, taken) as Record<string, unknown>;
  return { body, approximated: taken.approximated };
}

export function sse(...data: readonly (string | object)[]): string {
  return data.map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join('');
}

/** With the name that stands in the type, as the Responses API writes it. */
export function named(...events: readonly { readonly type: string }[]): string {
  return events.map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`).join('');
}

export function partsOf(reader: StreamReader, text: string): StreamPart[] {
  const parts: StreamPart[] = [];
  for (const event of eventsOf(text)) reader.push(event, (part) => parts.push(part));
  reader.flush((part) => parts.push(part));
  return parts;
}

export function eventsOf(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = new SseParser(1_000_000);
  parser.push(Buffer.from(text), (event) => events.push(event));
  const last = parser.finish();
  return last === null ? events : [...events, last];
}

export function bytesOf(writer: StreamWriter, parts: readonly StreamPart[]): string {
  const bytes: Buffer[] = [];
  for (const part of parts) writer.push(part, ({ raw }) => bytes.push(raw));
  return Buffer.concat(bytes).toString('utf8');
}

/** The JSON of each event; `[DONE]` as it is. */
export function dataOf(text: string): unknown[] {
  return eventsOf(text).map(({ data }) => (data.startsWith('{') ? JSON.parse(data) : data));
}

/** The official SDK, with one answer to everything. */
export function sdk(body: string, type = 'text/event-stream'): OpenAI {
  const answer = async (): Promise<Response> => new Response(body, { headers: { 'content-type': type } });
  return new OpenAI({ apiKey: 'none', baseURL: 'http://example.invalid/v1', maxRetries: 0, fetch: answer });
}

export function chatBySdk(stream: string) {
  return sdk(stream).chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
}

export function responseBySdk(stream: string) {
  return sdk(stream).responses.stream({ model: 'm', input: 'hello' }).finalResponse();
}

/** A text block, from its beginning to its end. */
export function block(block: Extract<StreamPart, { kind: 'block_start' }>['block'], ...texts: string[]): StreamPart[] {
  const deltas = texts.map((text): StreamPart => ({ kind: 'delta', choice: 0, text }));
  return [{ kind: 'block_start', choice: 0, block }, ...deltas, { kind: 'block_end', choice: 0 }];
}

export const START: StreamPart = { kind: 'start', id: 'id-1', model: 'model-1', createdAt: 1_700_000_001 };
export const END: StreamPart = { kind: 'end' };
export const USAGE: StreamPart = {
  kind: 'usage',
  usage: { input: 11, cacheRead: 5, cacheWrite: 2, output: 7, reasoning: 3 },
};

export function finish(reason: Extract<StreamPart, { kind: 'finish' }>['finish']['reason']): StreamPart {
  return { kind: 'finish', choice: 0, finish: { reason, stopSequence: null, detail: reason } };
}
