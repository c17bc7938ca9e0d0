import { isObject, objectOf, type JsonObject } from '../json.ts';
import type { Random } from '../random.ts';
import { splitTokens, tokensOf } from '../text.ts';
import { NAME_TOKENS, type Turn } from '../turn.ts';
import type { Rendering } from './protocol.ts';
import { namedEvent, type StreamEvent } from './sse.ts';
import { thoughtOf, type Thought } from './thoughts.ts';

const MAX_PADDING = 40;
const STOP_REASONS = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'content_filtered',
} as const;

/** One content block: whole, its start where it has one, and the deltas. */
interface Block {
  readonly whole: JsonObject;
  readonly start: JsonObject | null;
  readonly startTokens: number;
  /** Of each delta; thoughts are not on the simulator's bill. */
  readonly deltaTokens: 0 | 1;
  readonly deltas: readonly JsonObject[];
}

export function bedrockBody(rendering: Rendering): unknown {
  const turn = rendering.turns[0]!;
  const content = blocksOf(rendering, turn).map(({ whole }) => whole);
  return {
    metrics: { latencyMs: 10 },
    output: { message: { content, role: 'assistant' } },
    ...ending(turn, rendering),
    usage: usage(rendering, turn),
  };
}

export function bedrockEvents(rendering: Rendering): StreamEvent[] {
  const { stamp } = rendering;
  const turn = rendering.turns[0]!;
  const events: StreamEvent[] = [];
  const emit = (type: string, fields: JsonObject, tokens = 0): void => {
    events.push(namedEvent(type, JSON.stringify({ ...fields, p: padding(stamp.random) }), tokens));
  };
  emit('messageStart', { role: 'assistant' });
  blocksOf(rendering, turn).forEach(({ start, startTokens, deltas, deltaTokens }, contentBlockIndex) => {
    if (start !== null) emit('contentBlockStart', { contentBlockIndex, start }, startTokens);
    for (const delta of deltas) emit('contentBlockDelta', { contentBlockIndex, delta }, deltaTokens);
    emit('contentBlockStop', { contentBlockIndex });
  });
  emit('messageStop', ending(turn, rendering));
  emit('metadata', { metrics: { latencyMs: 10 }, usage: usage(rendering, turn) });
  return events;
}

/** The vendor hides the lengths of deltas behind letters. */
function padding(random: Random): string {
  return 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN'.slice(0, random.integer(1, MAX_PADDING));
}

/** The sequence that was met is told where the request asks for the field. */
function ending(turn: Turn, { body }: Rendering): JsonObject {
  const asks = JSON.stringify(body['additionalModelResponseFieldPaths'] ?? []).includes('"/stop_sequence"');
  const fields = asks ? { additionalModelResponseFields: { stop_sequence: turn.stopSequence } } : {};
  return { stopReason: STOP_REASONS[turn.end], ...fields };
}

function usage(rendering: Rendering, turn: Turn): JsonObject {
  const { inputTokens } = rendering.prompt;
  const outputTokens = turn.outputTokens + tokensOf(thoughtFor(rendering)?.text.length ?? 0);
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cacheReadInputTokens: 0,
    cacheWriteInputTokens: 0,
  };
}

function thoughtFor({ body, prompt, stamp }: Rendering): Thought | null {
  const asked = objectOf(body['additionalModelRequestFields'])['thinking'];
  return isObject(asked) && asked['type'] !== 'disabled' ? thoughtOf(stamp.model, prompt.conversation) : null;
}

function blocksOf(rendering: Rendering, turn: Turn): Block[] {
  const { random } = rendering.stamp;
  const thought = thoughtFor(rendering);
  return [
    ...(thought === null ? [] : [thoughtBlock(thought, random)]),
    ...(turn.text === '' ? [] : [textBlock(turn.text, random)]),
    ...turn.toolCalls.map((call) => toolBlock(call.name, call.arguments, random)),
  ];
}

function thoughtBlock({ text, signature }: Thought, random: Random): Block {
  const pieces = splitTokens(text, random).map((piece) => ({ reasoningContent: { text: piece } }));
  return {
    whole: { reasoningContent: { reasoningText: { text, signature } } },
    start: null,
    startTokens: 0,
    deltas: [...pieces, { reasoningContent: { signature } }],
    deltaTokens: 0,
  };
}

function textBlock(text: string, random: Random): Block {
  const deltas = splitTokens(text, random).map((piece) => ({ text: piece }));
  return { whole: { text }, start: null, startTokens: 0, deltas, deltaTokens: 1 };
}

/** An input without fields is not told in a stream. */
function toolBlock(name: string, input: string, random: Random): Block {
  const toolUse = { toolUseId: `tooluse_${random.base62(22)}`, name };
  const pieces = input === '{}' ? [] : splitTokens(input, random);
  return {
    whole: { toolUse: { ...toolUse, input: JSON.parse(input) as unknown } },
    start: { toolUse },
    startTokens: NAME_TOKENS + (input === '{}' ? tokensOf(input.length) : 0),
    deltas: pieces.map((piece) => ({ toolUse: { input: piece } })),
    deltaTokens: 1,
  };
}
