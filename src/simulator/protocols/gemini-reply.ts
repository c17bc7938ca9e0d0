import { objectOf, type JsonObject } from '../json.ts';
import { splitTokens, tokensOf } from '../text.ts';
import { NAME_TOKENS, type Turn } from '../turn.ts';
import { outputTokensOf, type Rendering } from './protocol.ts';
import type { StreamEvent } from './sse.ts';
import { thoughtOf, type Thought } from './thoughts.ts';

const FINISH_REASONS = {
  stop: 'STOP',
  stop_sequence: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  refusal: 'SAFETY',
} as const;

/** Parts of one candidate, in the pieces in which a stream tells them. */
type Pieces = readonly JsonObject[];

export function geminiBody(rendering: Rendering): unknown {
  const thought = thoughtFor(rendering);
  const candidates = rendering.turns.map((turn, index) => ({
    content: { parts: wholeParts(turn, thought, rendering), role: 'model' },
    finishReason: FINISH_REASONS[turn.end],
    index,
  }));
  return { candidates, ...tail(rendering, thought, true) };
}

/** One chunk for each piece; the reason comes with the last of a candidate, usage with all. */
export function geminiEvents(rendering: Rendering): StreamEvent[] {
  const thought = thoughtFor(rendering);
  const events: StreamEvent[] = [];
  rendering.turns.forEach((turn, index) => {
    const pieces = streamedParts(turn, thought, rendering);
    pieces.forEach((part, at) => {
      const isLast = at === pieces.length - 1;
      const finish = isLast ? { finishReason: FINISH_REASONS[turn.end] } : {};
      const isEnd = isLast && index === rendering.turns.length - 1;
      const candidates = [{ content: { parts: [part], role: 'model' }, ...finish, index }];
      const text = `data: ${JSON.stringify({ candidates, ...tail(rendering, thought, isEnd) })}\r\n\r\n`;
      events.push({ text, tokens: tokensIn(part) });
    });
  });
  return events;
}

/** Thoughts are not on the simulator's bill. */
function tokensIn(part: JsonObject): number {
  if ('functionCall' in part)
    return NAME_TOKENS + tokensOf(JSON.stringify(objectOf(part['functionCall'])['args']).length);
  return part['thought'] === true || part['text'] === '' ? 0 : 1;
}

interface Thinking extends Thought {
  /** The request asks for the thoughts, too. */
  readonly told: boolean;
}

/** Models from 3 on think always, others where they are asked to. */
function thoughtFor({ body, prompt, stamp }: Rendering): Thinking | null {
  const config = objectOf(objectOf(body['generationConfig'])['thinkingConfig']);
  const thinks = stamp.model.includes('gemini-3') || (Object.keys(config).length > 0 && config['thinkingBudget'] !== 0);
  return thinks ? { ...thoughtOf(stamp.model, prompt.conversation), told: config['includeThoughts'] === true } : null;
}

function wholeParts(turn: Turn, thought: Thinking | null, rendering: Rendering): JsonObject[] {
  const text = turn.text === '' ? [] : [{ text: turn.text }];
  return signed([...toldThought(thought, (whole) => [whole]), ...text, ...calls(turn, rendering)], thought);
}

function streamedParts(turn: Turn, thought: Thinking | null, rendering: Rendering): Pieces {
  const { random } = rendering.stamp;
  const parts = [
    ...toldThought(thought, (whole) => splitTokens(whole, random)),
    ...splitTokens(turn.text, random).map((text) => ({ text })),
    ...calls(turn, rendering),
  ];
  const pieces = signed(parts, thought);
  return pieces.length === 0 ? [{ text: '' }] : pieces;
}

function toldThought(thought: Thinking | null, split: (text: string) => readonly string[]): JsonObject[] {
  return thought?.told === true ? split(thought.text).map((text) => ({ text, thought: true })) : [];
}

/** Only models from 3 on give their calls ids. */
function calls(turn: Turn, { stamp }: Rendering): JsonObject[] {
  return turn.toolCalls.map(({ name, arguments: text }) => {
    const id = stamp.model.includes('gemini-3') ? { id: stamp.random.base62(8) } : {};
    return { functionCall: { ...id, name, args: JSON.parse(text) as unknown } };
  });
}

/** The first call carries the signature; where there is none, an empty part behind all. */
function signed(parts: readonly JsonObject[], thought: Thinking | null): JsonObject[] {
  if (thought === null) return [...parts];
  const signature = { thoughtSignature: thought.signature };
  const first = parts.findIndex((part) => 'functionCall' in part);
  if (first < 0) return [...parts, { text: '', ...signature }];
  return parts.map((part, index) => (index === first ? { ...part, ...signature } : part));
}

function tail({ prompt, turns, stamp }: Rendering, thought: Thinking | null, isEnd: boolean): JsonObject {
  const candidatesTokenCount = isEnd ? outputTokensOf(turns) : 1;
  const thoughts = thought === null ? 0 : tokensOf(thought.text.length);
  return {
    usageMetadata: {
      promptTokenCount: prompt.inputTokens,
      candidatesTokenCount,
      totalTokenCount: prompt.inputTokens + candidatesTokenCount + thoughts,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt.inputTokens }],
      ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    },
    modelVersion: stamp.model,
    responseId: `sim-${stamp.fingerprint}`,
  };
}
