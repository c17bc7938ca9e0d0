import * as fc from 'fast-check';
import { GatewayError } from '../../src/core/errors.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import { PartCollector } from '../../src/translate/collect-parts.ts';
import type { Completion, StreamPart } from '../../src/translate/completion.ts';
import type { Conversation, Message, Part, Sampling, ToolCallPart } from '../../src/translate/conversation.ts';
import { chatFormat } from '../../src/translate/chat/format.ts';
import type { ProviderFormat } from '../../src/translate/format.ts';
import { sseFraming } from '../../src/translate/framing.ts';
import { Notes } from '../../src/translate/notes.ts';

const NAMES = { ...chatFormat.settingNames, maxTokens: 'max_tokens', logprobs: 'top_logprobs' };

export const UNSET: Sampling = {
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
};

interface Asked extends Partial<Omit<Conversation, 'sampling' | 'rest'>> {
  readonly sampling?: Partial<Sampling>;
  readonly rest?: Readonly<Record<string, JsonValue>>;
}

export function conversation(asked: Asked = {}): Conversation {
  return {
    model: 'alias',
    stream: false,
    system: [],
    messages: [user(text('Hello'))],
    tools: [],
    toolChoice: null,
    parallelTools: null,
    output: null,
    reasoning: null,
    user: null,
    ...asked,
    sampling: { ...UNSET, ...asked.sampling },
    rest: new Map(Object.entries(asked.rest ?? {})),
  };
}

export function user(...parts: readonly Part[]): Message {
  return { path: 'messages[0]', role: 'user', name: null, parts };
}

export function assistant(...parts: readonly Part[]): Message {
  return { path: 'messages[1]', role: 'assistant', name: null, parts };
}

export function text(value: string): Part {
  return { kind: 'text', text: value, citations: [], cache: null };
}

export function call(id: string, name: string, json = '{}'): ToolCallPart {
  return { kind: 'tool_call', id, name, arguments: json, isCustom: false, cache: null };
}

export function result(callId: string, value: string, isError: boolean | null = null): Part {
  const content = [{ kind: 'text', text: value, citations: [], cache: null }] as const;
  return { kind: 'tool_result', callId, content, isError, isCustom: false, cache: null };
}

export const WEATHER = {
  kind: 'function',
  name: 'get_weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: null,
  cache: null,
} as const;

/** What is sent, and what of it stands for something else. */
export function written(
  format: ProviderFormat,
  asked: Asked,
  model = 'some-model',
): { readonly body: Record<string, unknown>; readonly approximated: readonly string[] } {
  const notes = new Notes(NAMES, format.title);
  const body = JSON.parse(JSON.stringify(format.writeRequest(conversation(asked), model, notes))) as Record<
    string,
    unknown
  >;
  return { body, approximated: notes.approximated };
}

/** The text that is sent; null where it was refused as the client's fault. @throws Error for every other failure */
export function sentOrRefused(format: ProviderFormat, asked: Asked, model: string): string | null {
  try {
    return JSON.stringify(written(format, asked, model).body);
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Texts that are not in what was sent. */
export function missing(messages: readonly Message[], sent: string): readonly string[] {
  return textsOf(messages).filter((value) => !sent.includes(JSON.stringify(value).slice(1, -1)));
}

/** All parts that come of the bytes, in pieces of so many. */
export function partsOf(format: ProviderFormat, bytes: Buffer, size = bytes.length): StreamPart[] {
  const parser = (format.framing ?? sseFraming).openParser(1_000_000);
  const reader = format.openReader();
  const parts: StreamPart[] = [];
  const emit = (part: StreamPart): void => void parts.push(part);
  for (let at = 0; at < bytes.length; at += size) {
    parser.push(bytes.subarray(at, at + size), (event) => reader.push(event, emit));
  }
  const last = parser.finish();
  if (last !== null) reader.push(last, emit);
  reader.flush(emit);
  return parts;
}

/** The same as a whole reply. */
export function collected(parts: readonly StreamPart[]): Omit<Completion, 'serviceTier'> {
  const collector = new PartCollector();
  parts.forEach(collector.push);
  return collector.completion({ reason: 'error', stopSequence: null, detail: 'unfinished' });
}

export function sse(...chunks: readonly unknown[]): Buffer {
  return Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''));
}

const signature = fc.option(
  fc.record({ wire: fc.constantFrom('gemini', 'bedrock', 'messages'), value: fc.base64String() } as const),
  {
    nil: null,
  },
);
const jsonObject = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
const textPart = fc.string().map(text);
const mediaSource = fc.oneof(
  fc.record({
    kind: fc.constant('base64'),
    mediaType: fc.constantFrom('image/png', 'application/pdf', 'x/y'),
    data: fc.base64String(),
  } as const),
  fc.record({
    kind: fc.constant('url'),
    url: fc.webUrl(),
    mediaType: fc.option(fc.constant('image/gif'), { nil: null }),
  } as const),
  fc.record({ kind: fc.constant('id'), id: fc.string() } as const),
);
const image = fc.record({
  kind: fc.constant('image'),
  source: mediaSource,
  detail: fc.constantFrom(null, 'low'),
  cache: fc.constant(null),
} as const);
const thinking = fc.record({
  kind: fc.constant('thinking'),
  text: fc.string(),
  signature,
  id: fc.constant(null),
} as const);
const toolCall = fc
  .tuple(fc.constantFrom('call_1', 'call 2', 'ü'), fc.constantFrom('a', 'b'), fc.oneof(jsonObject, fc.string()))
  .map(([id, name, json]) => call(id, name, json));
const toolResult = fc
  .tuple(fc.constantFrom('call_1', 'call 2', 'ü'), fc.string())
  .map(([id, value]) => result(id, value));
const anyPart: fc.Arbitrary<Part> = fc.oneof({ weight: 4, arbitrary: textPart }, image, thinking, toolCall, toolResult);

/** Messages in any order, also such as no client may write. */
export const anyMessages: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.record({
    path: fc.nat({ max: 20 }).map((index) => `messages[${index}]`),
    role: fc.constantFrom('user', 'assistant', 'system', 'developer'),
    name: fc.option(fc.string(), { nil: null }),
    parts: fc.array(anyPart, { maxLength: 5 }),
  } as const),
  { maxLength: 8 },
);

/** Texts of the parts that no writer may drop. */
function textsOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      if (part.kind === 'text') return [part.text];
      return part.kind === 'tool_result'
        ? part.content.flatMap((each) => (each.kind === 'text' ? [each.text] : []))
        : [];
    }),
  );
}
