import { InvalidRequest } from '../failure.ts';
import { listOf, objectOf, type JsonObject } from '../json.ts';
import { choiceCount, stopList, tokenLimit, type Prompt } from '../prompt.ts';
import { splitTokens, tokensOf } from '../text.ts';
import type { Turn } from '../turn.ts';
import { openaiUsage } from './openai-usage.ts';
import { generation, type Rendering } from './protocol.ts';
import { DONE_EVENT, dataEvent, type StreamEvent } from './sse.ts';

const DEFAULT_MAX_TOKENS = 16; // the API's own default for this old protocol

/**
 * OpenAI completions, the older text protocol. Each prompt of a list gets `n` choices.
 * @source https://platform.openai.com/docs/api-reference/completions
 */
export const openaiCompletions = generation('openai', { readPrompt, renderBody, renderEvents });

function readPrompt(body: JsonObject): Prompt {
  const prompts = promptList(body['prompt']);
  return {
    conversation: JSON.stringify(prompts),
    lastUserText: prompts.map((prompt) => (typeof prompt === 'string' ? prompt : '')).join(''),
    answersTool: false,
    inputTokens: prompts.reduce((sum: number, prompt) => sum + promptTokens(prompt), 0),
    tools: [],
    toolChoice: 'none',
    parallelTools: false,
    speaksBeforeTools: false,
    jsonSchema: null,
    maxTokens: tokenLimit(body, 'max_tokens') ?? DEFAULT_MAX_TOKENS,
    stop: stopList(body['stop']),
    choices: prompts.length * choiceCount(body),
  };
}

/** A prompt is a string or a list of token numbers; a list of those is several prompts. */
function promptList(prompt: unknown): readonly unknown[] {
  if (typeof prompt === 'string') return [prompt];
  const list = listOf(prompt);
  if (list.length === 0) throw new InvalidRequest("Missing required parameter: 'prompt'.", 'prompt');
  return typeof list[0] === 'number' ? [list] : list;
}

function promptTokens(prompt: unknown): number {
  return typeof prompt === 'string' ? tokensOf(prompt.length) : listOf(prompt).length;
}

function finishReason({ end }: Turn): string {
  if (end === 'refusal') return 'content_filter';
  return end === 'length' ? 'length' : 'stop';
}

/** This protocol has no field for a refusal: the text stays away. */
function textOfTurn(turn: Turn): string {
  return turn.refused ? '' : turn.text;
}

function renderBody({ prompt, turns, stamp }: Rendering): unknown {
  return {
    id: `cmpl-${stamp.random.base62(29)}`,
    object: 'text_completion',
    created: stamp.created,
    model: stamp.model,
    choices: turns.map((turn, index) => choice(index, textOfTurn(turn), finishReason(turn))),
    usage: openaiUsage(prompt, turns),
    system_fingerprint: stamp.fingerprint,
  };
}

function choice(index: number, text: string, finish: string | null): JsonObject {
  return { text, index, logprobs: null, finish_reason: finish };
}

function renderEvents({ body, prompt, turns, stamp }: Rendering): StreamEvent[] {
  const options = objectOf(body['stream_options']);
  const usageField = options['include_usage'] === true ? { usage: null } : {};
  const head = { id: `cmpl-${stamp.random.base62(29)}`, object: 'text_completion', created: stamp.created };
  const encode = (choices: JsonObject[], usage: JsonObject, tokens = 0): StreamEvent =>
    dataEvent(JSON.stringify({ ...head, choices, model: stamp.model, ...usage }), tokens);

  const events = turns.flatMap((turn, index) => [
    ...splitTokens(textOfTurn(turn), stamp.random).map((text) => encode([choice(index, text, null)], usageField, 1)),
    encode([choice(index, '', finishReason(turn))], usageField, turn.refused ? turn.outputTokens : 0),
  ]);
  if ('usage' in usageField) events.push(encode([], { usage: openaiUsage(prompt, turns) }));
  return [...events, DONE_EVENT];
}
