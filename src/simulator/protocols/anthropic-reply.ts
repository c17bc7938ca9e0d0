import type { JsonObject } from '../json.ts';
import type { Random } from '../random.ts';
import { splitTokens, tokensOf } from '../text.ts';
import { NAME_TOKENS, type Turn } from '../turn.ts';
import { anthropicThought } from './anthropic-thinking.ts';
import type { Rendering } from './protocol.ts';
import { namedEvent, type StreamEvent } from './sse.ts';
import type { Thought } from './thoughts.ts';

const MAX_PADDING_CHARS = 15;

/** One content block: whole, as it opens in a stream, and the deltas between. */
interface Block {
  readonly whole: JsonObject;
  readonly opening: JsonObject;
  readonly openingTokens: number;
  readonly deltas: readonly JsonObject[];
  /** Of each delta; thoughts are not on the simulator's bill. */
  readonly deltaTokens: number;
}

export function anthropicBody(rendering: Rendering): unknown {
  const turn = rendering.turns[0]!;
  const content = blocksOf(rendering).map((block) => block.whole);
  return { ...messageHead(rendering), content, ...ending(turn), usage: usage(rendering, turn.outputTokens) };
}

export function anthropicEvents(rendering: Rendering): StreamEvent[] {
  const { prompt, turns, stamp } = rendering;
  const turn = turns[0]!;
  const events: StreamEvent[] = [];
  // The first event tells the first token, which comes with the one after it.
  let early = 0;
  const emit = (type: string, fields: JsonObject = {}, tokens = 0): void => {
    const repaid = type === 'message_start' ? 0 : Math.min(early, tokens);
    early += type === 'message_start' ? tokens : -repaid;
    events.push(namedEvent(type, pad(JSON.stringify({ type, ...fields }), stamp.random), tokens - repaid));
  };

  const first = Math.min(1, turn.outputTokens);
  emit('message_start', { message: { ...messageHead(rendering), usage: usage(rendering, first) } }, first);
  blocksOf(rendering).forEach((block, index) => {
    emit('content_block_start', { index, content_block: block.opening }, block.openingTokens);
    if (index === 0) emit('ping');
    for (const delta of block.deltas)
      emit('content_block_delta', { index, delta }, delta['partial_json'] === '' ? 0 : block.deltaTokens);
    emit('content_block_stop', { index });
  });
  const total = { input_tokens: prompt.inputTokens, ...NO_CACHE, ...output(rendering, turn.outputTokens) };
  emit('message_delta', { delta: ending(turn), usage: total });
  emit('message_stop');
  return events;
}

/** The provider pads many events with spaces before the last brace; readers must not depend on the bytes. */
function pad(json: string, random: Random): string {
  return `${json.slice(0, -1)}${' '.repeat(Math.max(0, random.integer(-MAX_PADDING_CHARS, MAX_PADDING_CHARS)))}}`;
}

const NO_CACHE = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

function messageHead({ stamp }: Rendering): JsonObject {
  return {
    model: stamp.model,
    id: `msg_01${stamp.random.base62(22)}`,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

function usage(rendering: Rendering, outputTokens: number): JsonObject {
  return {
    input_tokens: rendering.prompt.inputTokens,
    ...NO_CACHE,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    ...output(rendering, outputTokens),
    service_tier: 'standard',
  };
}

function output(rendering: Rendering, outputTokens: number): JsonObject {
  const thought = anthropicThought(rendering);
  if (thought === null) return { output_tokens: outputTokens };
  const thinking_tokens = tokensOf(thought.text.length);
  return { output_tokens: outputTokens + thinking_tokens, output_tokens_details: { thinking_tokens } };
}

const STOP_REASONS = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'refusal',
} as const;

function ending(turn: Turn): JsonObject {
  const details = turn.refused ? { type: 'refusal', category: null, explanation: null } : null;
  return { stop_reason: STOP_REASONS[turn.end], stop_sequence: turn.stopSequence, stop_details: details };
}

function blocksOf(rendering: Rendering): Block[] {
  const { random } = rendering.stamp;
  const turn = rendering.turns[0]!;
  const thought = anthropicThought(rendering);
  return [
    ...(thought === null ? [] : [thinkingBlock(thought, random)]),
    ...(turn.text === '' ? [] : [textBlock(turn.text, random)]),
    ...turn.toolCalls.map((call) => toolBlock(call.name, call.arguments, random)),
  ];
}

function thinkingBlock({ text, signature }: Thought, random: Random): Block {
  const pieces = splitTokens(text, random).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
  return {
    whole: { type: 'thinking', thinking: text, signature },
    opening: { type: 'thinking', thinking: '', signature: '' },
    openingTokens: 0,
    deltas: [...pieces, { type: 'signature_delta', signature }],
    deltaTokens: 0,
  };
}

function textBlock(text: string, random: Random): Block {
  return {
    whole: { type: 'text', text },
    opening: { type: 'text', text: '' },
    openingTokens: 0,
    deltas: splitTokens(text, random).map((piece) => ({ type: 'text_delta', text: piece })),
    deltaTokens: 1,
  };
}

/** A stream gives the input as JSON text: an empty piece first, and nothing more for an input without fields. */
function toolBlock(name: string, input: string, random: Random): Block {
  const opening = { type: 'tool_use', id: `toolu_01${random.base62(22)}`, name, input: {} };
  const pieces = ['', ...(input === '{}' ? [] : splitTokens(input, random))];
  return {
    whole: { ...opening, input: JSON.parse(input) as unknown },
    opening,
    openingTokens: NAME_TOKENS + (input === '{}' ? tokensOf(input.length) : 0),
    deltas: pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    deltaTokens: 1,
  };
}
