import { isObject, listOf, objectOf, type JsonObject } from '../json.ts';
import type { Random } from '../random.ts';
import type { Turn } from '../turn.ts';
import type { Rendering } from './protocol.ts';
import { thoughtOf } from './thoughts.ts';

/** One response object at its two points in life. */
interface ResponseObject {
  readonly inProgress: JsonObject;
  finished(output: readonly JsonObject[], turn: Turn, inputTokens: number): JsonObject;
}

/** The object that events and buffered replies carry: the request's settings, repeated, around the output. */
export function responseObject({ body, stamp }: Rendering): ResponseObject {
  const id = `resp_${stamp.random.hex(50)}`;
  const build = (status: string, changes: JsonObject): JsonObject => ({
    id,
    object: 'response',
    created_at: stamp.created,
    status,
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    ...settings(body),
    model: stamp.model,
    output: [],
    usage: null,
    user: body['user'] ?? null,
    metadata: isObject(body['metadata']) ? body['metadata'] : {},
    ...changes,
  });
  return {
    inProgress: build('in_progress', {}),
    finished: (output, turn, inputTokens) =>
      build(turn.end === 'length' ? 'incomplete' : 'completed', {
        completed_at: turn.end === 'length' ? null : stamp.created,
        incomplete_details: turn.end === 'length' ? { reason: 'max_output_tokens' } : null,
        output,
        service_tier: 'default',
        usage: usage(inputTokens, turn.outputTokens),
      }),
  };
}

function settings(body: JsonObject): JsonObject {
  const text = isObject(body['text']) ? body['text'] : {};
  return {
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: body['max_tool_calls'] ?? null,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: { effort: null, summary: null, ...(isObject(body['reasoning']) ? body['reasoning'] : {}) },
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: 'auto',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...text },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: listOf(body['tools']),
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
  };
}

function usage(inputTokens: number, outputTokens: number): JsonObject {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

/** The output of a finished turn: reasoning where it is asked for, then its calls, or one message. */
export function finishedItems(turn: Turn, rendering: Rendering): JsonObject[] {
  return [...reasoningItems(rendering), ...answerItems(turn, rendering.stamp.random)];
}

function reasoningItems({ body, prompt, stamp }: Rendering): JsonObject[] {
  const { effort, summary } = objectOf(body['reasoning']);
  if (typeof effort !== 'string' || effort === 'none') return [];
  const { text, signature } = thoughtOf(stamp.model, prompt.conversation);
  const asksSummary = typeof summary === 'string';
  const asksProof = listOf(body['include']).includes('reasoning.encrypted_content');
  return [
    {
      id: `rs_${stamp.random.hex(50)}`,
      type: 'reasoning',
      ...(asksProof ? { encrypted_content: signature } : {}),
      summary: asksSummary ? [{ type: 'summary_text', text }] : [],
    },
  ];
}

function answerItems(turn: Turn, random: Random): JsonObject[] {
  if (turn.toolCalls.length === 0) {
    const status = turn.end === 'length' ? 'incomplete' : 'completed';
    return [{ ...messageItem(random), status, content: [contentPart(turn, turn.text)] }];
  }
  return turn.toolCalls.map((call) => ({
    ...callItem(call.name, random),
    status: 'completed',
    arguments: call.arguments,
  }));
}

/** A part with the text said so far: a refusal has a type of its own. */
export function contentPart(turn: Turn, text: string): JsonObject {
  return turn.refused
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', annotations: [], logprobs: [], text };
}

function messageItem(random: Random): JsonObject {
  return { id: `msg_${random.hex(50)}`, type: 'message', status: 'in_progress', content: [], role: 'assistant' };
}

function callItem(name: string, random: Random): JsonObject {
  const ids = { id: `fc_${random.hex(50)}`, call_id: `call_${random.base62(24)}` };
  return { id: ids.id, type: 'function_call', status: 'in_progress', arguments: '', call_id: ids.call_id, name };
}
