import { isObject, objectOf, objectsOf, stringOf, type JsonObject } from '../json.ts';
import {
  choiceCount,
  contentTokens,
  jsonTokens,
  openaiJsonSchema,
  openaiToolChoice,
  requireList,
  stopList,
  textOf,
  tokenLimit,
  type Prompt,
  type ToolSpec,
} from '../prompt.ts';
import type { Random } from '../random.ts';
import { splitTokens } from '../text.ts';
import { NAME_TOKENS, type Turn } from '../turn.ts';
import { openaiUsage } from './openai-usage.ts';
import { generation, type Rendering } from './protocol.ts';
import { DONE_EVENT, dataEvent, obfuscator, type StreamEvent } from './sse.ts';

/**
 * OpenAI chat completions.
 * @source https://platform.openai.com/docs/api-reference/chat, /chat-streaming
 */
export const openaiChat = generation('openai', { readPrompt, renderBody, renderEvents });

function readPrompt(body: JsonObject): Prompt {
  const messages = requireList(body, 'messages');
  const lastUser = messages.findLast((message) => message['role'] === 'user');
  return {
    conversation: JSON.stringify(messages),
    lastUserText: textOf(lastUser?.['content']),
    answersTool: messages.at(-1)?.['role'] === 'tool',
    inputTokens: messages.reduce((sum, message) => sum + messageTokens(message), jsonTokens(body['tools'])),
    ...openaiToolChoice(objectsOf(body['tools']).flatMap(readTool), body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    speaksBeforeTools: false,
    jsonSchema: openaiJsonSchema(body['response_format']),
    maxTokens: tokenLimit(body, 'max_completion_tokens', 'max_tokens'),
    stop: stopList(body['stop']),
    choices: choiceCount(body),
  };
}

function messageTokens(message: JsonObject): number {
  return contentTokens(message['content']) + jsonTokens(message['tool_calls']);
}

function readTool(tool: JsonObject): ToolSpec[] {
  const declared = tool['function'];
  if (!isObject(declared)) return [];
  return [{ name: stringOf(declared['name']), schema: declared['parameters'] ?? { type: 'object' } }];
}

function finishReason({ end }: Turn): string {
  if (end === 'refusal') return 'content_filter';
  return end === 'stop_sequence' ? 'stop' : end;
}

function renderBody({ prompt, turns, stamp }: Rendering): unknown {
  const id = `chatcmpl-${stamp.random.base62(29)}`;
  const choices = turns.map((turn, index) => ({
    index,
    message: message(turn, () => `call_${stamp.random.base62(24)}`),
    logprobs: null,
    finish_reason: finishReason(turn),
  }));
  return {
    id,
    object: 'chat.completion',
    created: stamp.created,
    model: stamp.model,
    choices,
    usage: openaiUsage(prompt, turns),
    service_tier: 'default',
    system_fingerprint: stamp.fingerprint,
  };
}

function message(turn: Turn, callId: () => string): JsonObject {
  const toolCalls = turn.toolCalls.map((call) => ({
    id: callId(),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return {
    role: 'assistant',
    content: turn.refused || toolCalls.length > 0 ? null : turn.text,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    refusal: turn.refused ? turn.text : null,
    annotations: [],
  };
}

/** One chunk's delta, and the letters in it whose number the obfuscation hides. */
interface Delta {
  readonly delta: JsonObject;
  readonly letters: string;
  readonly finish: string | null;
  readonly tokens: number;
}

function renderEvents({ body, prompt, turns, stamp }: Rendering): StreamEvent[] {
  const options = objectOf(body['stream_options']);
  const usageField = options['include_usage'] === true ? { usage: null } : {};
  const obfuscate = obfuscator(options['include_obfuscation'] !== false, stamp.random);
  const head = JSON.stringify({
    id: `chatcmpl-${stamp.random.base62(29)}`,
    object: 'chat.completion.chunk',
    created: stamp.created,
    model: stamp.model,
    service_tier: 'default',
    system_fingerprint: stamp.fingerprint,
  });
  // The head is the same in every chunk: it is written as JSON once.
  const encode = (fields: JsonObject, letters: string, tokens: number): StreamEvent =>
    dataEvent(
      `${head.slice(0, -1)},${JSON.stringify({ ...fields, obfuscation: obfuscate(letters) }).slice(1)}`,
      tokens,
    );
  const chunk = (index: number, { delta, letters, finish, tokens }: Delta): StreamEvent =>
    encode({ choices: [{ index, delta, logprobs: null, finish_reason: finish }], ...usageField }, letters, tokens);

  const events = interleave(turns.map((turn) => deltasOf(turn, stamp.random))).map(([index, delta]) =>
    chunk(index, delta),
  );
  if ('usage' in usageField) events.push(encode({ choices: [], usage: openaiUsage(prompt, turns) }, '', 0));
  return [...events, DONE_EVENT];
}

/** Round-robin, as the choices of one request arrive mixed. */
function interleave(choices: readonly (readonly Delta[])[]): [number, Delta][] {
  const longest = Math.max(...choices.map((deltas) => deltas.length));
  const mixed: [number, Delta][] = [];
  for (let round = 0; round < longest; round++) {
    choices.forEach((deltas, index) => {
      const delta = deltas[round];
      if (delta) mixed.push([index, delta]);
    });
  }
  return mixed;
}

function deltasOf(turn: Turn, random: Random): Delta[] {
  const deltas: Delta[] = [];
  const add = (delta: JsonObject, letters: string, tokens: number, finish: string | null = null): void => {
    deltas.push({ delta, letters, finish, tokens });
  };
  add({ role: 'assistant', content: turn.toolCalls.length > 0 ? null : '', refusal: null }, '', 0);
  const field = turn.refused ? 'refusal' : 'content';
  for (const letters of splitTokens(turn.text, random)) add({ [field]: letters }, letters, 1);
  turn.toolCalls.forEach((call, index) => {
    const id = `call_${random.base62(24)}`;
    // Only the first fragment of a call carries its id and name.
    add(
      { tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }] },
      '',
      NAME_TOKENS,
    );
    for (const letters of splitTokens(call.arguments, random)) {
      add({ tool_calls: [{ index, function: { arguments: letters } }] }, letters, 1);
    }
  });
  add({}, '', 0, finishReason(turn));
  return deltas;
}
