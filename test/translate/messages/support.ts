import Anthropic from '@anthropic-ai/sdk';
import { SseParser, type SseEvent } from '../../../src/core/sse.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { StreamPart } from '../../../src/translate/completion.ts';
import type { Conversation, Message, Part, Sampling, TextPart } from '../../../src/translate/conversation.ts';
import type { ReplyContext } from '../../../src/translate/format.ts';
import { messagesFormat } from '../../../src/translate/messages/format.ts';
import { Notes } from '../../../src/translate/notes.ts';
import { UNSET } from '../provider-support.ts';

export function text(value: string): TextPart {
  return { kind: 'text', text: value, citations: [], cache: null };
}

export function message(role: Message['role'], ...parts: readonly (Part | string)[]): Message {
  return {
    path: `messages[${role}]`,
    role,
    name: null,
    parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
  };
}

export function call(id: string, name: string, json = '{}'): Part {
  return { kind: 'tool_call', id, name, arguments: json, isCustom: false, cache: null };
}

export function result(callId: string, value: string): Part {
  return { kind: 'tool_result', callId, content: [text(value)], isError: null, isCustom: false, cache: null };
}

export function functionTool(
  name: string,
  parameters: Record<string, unknown> | null = null,
): Conversation['tools'][number] {
  return { kind: 'function', name, description: null, parameters: parameters as never, strict: null, cache: null };
}

export function conversation(
  over: Partial<Omit<Conversation, 'sampling'>> & { readonly sampling?: Partial<Sampling> } = {},
): Conversation {
  return {
    model: 'fast',
    stream: false,
    system: [],
    messages: [message('user', 'Hi')],
    tools: [],
    toolChoice: null,
    parallelTools: null,
    output: null,
    reasoning: null,
    user: null,
    rest: new Map(),
    ...over,
    sampling: { ...UNSET, ...over.sampling },
  };
}

/** What a client whose settings have other names is told. */
const NAMES = Object.fromEntries(
  Object.keys(messagesFormat.settingNames).map((name) => [name, `the_${name}`]),
) as typeof messagesFormat.settingNames;

/** What is sent to Anthropic, and what the client is told of it. */
export function write(over: Parameters<typeof conversation>[0], model = 'claude-sonnet-4-5') {
  const notes = new Notes(NAMES, messagesFormat.title);
  const body = messagesFormat.writeRequest(conversation(over), model, notes) as Record<string, unknown>;
  return { body, approximated: notes.approximated };
}

/** The field that a refusal names. */
export function refusedField(over: Parameters<typeof conversation>[0], model?: string): string | null {
  return paramOf(() => write(over, model));
}

export function paramOf(action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_request') return error.details.param ?? '';
    throw error;
  }
  return null;
}

export const CONTEXT: ReplyContext = { conversation: conversation(), id: 'abc123', now: 1_700_000_000 };

export function sse(...events: readonly object[]): Buffer {
  const lines = events.map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
  return Buffer.from(lines.join(''), 'utf8');
}

export function readStream(bytes: Buffer): StreamPart[] {
  const parts: StreamPart[] = [];
  const reader = messagesFormat.openReader();
  const parser = new SseParser(1 << 20);
  const emit = (part: StreamPart): void => void parts.push(part);
  parser.push(bytes, (event) => reader.push(event, emit));
  const last = parser.finish();
  if (last !== null) reader.push(last, emit);
  reader.flush(emit);
  return parts;
}

export function writeStream(parts: readonly StreamPart[]): Buffer {
  const events: Buffer[] = [];
  const writer = messagesFormat.openWriter(CONTEXT);
  for (const part of parts) writer.push(part, ({ raw }: SseEvent) => void events.push(raw));
  return Buffer.concat(events);
}

export function eventsOf(bytes: Buffer): { name: string; data: Record<string, unknown> }[] {
  const events: { name: string; data: Record<string, unknown> }[] = [];
  new SseParser(1 << 20).push(bytes, ({ name, data }) => void events.push({ name, data: JSON.parse(data) as never }));
  return events;
}

/** The official SDK before a server that answers with these bytes. */
export function sdkBefore(body: Buffer | object, status = 200): Anthropic {
  const type = body instanceof Buffer ? 'text/event-stream' : 'application/json';
  const bytes = body instanceof Buffer ? new Uint8Array(body) : JSON.stringify(body);
  const reply = (): Promise<Response> =>
    Promise.resolve(new Response(bytes, { status, headers: { 'content-type': type } }));
  return new Anthropic({ apiKey: 'test', maxRetries: 0, fetch: reply });
}

/** What the helper of the SDK makes of a stream. */
export function sdkMessage(bytes: Buffer): Promise<Anthropic.Message> {
  const request = { model: 'fast', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
  return sdkBefore(bytes).messages.stream(request).finalMessage();
}
