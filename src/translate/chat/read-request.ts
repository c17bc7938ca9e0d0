import type { Conversation, OutputFormat, Reasoning, Sampling } from '../conversation.ts';
import type { ClientFormat } from '../format.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { dropDefaults, readEffort, readSchemaFormat, SCHEMA_MEMBERS } from '../openai/members.ts';
import { readMessages } from './read-messages.ts';
import { readToolChoice, readTools } from './read-tools.ts';

export const CHAT_NAMES: ClientFormat['settingNames'] = {
  maxTokens: 'max_completion_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logprobs: 'logprobs',
  choices: 'n',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelTools: 'parallel_tool_calls',
  output: 'response_format',
  reasoning: 'reasoning_effort',
  user: 'user',
};

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(CHAT_NAMES),
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'top_logprobs',
  'thinking',
]);
/** Usage is always told; the gateway takes it out again. */
const KNOWN_OF_STREAM: ReadonlySet<string> = new Set(['include_usage']);
const KNOWN_OF_FORMAT: ReadonlySet<string> = new Set(['type', 'json_schema']);
const KNOWN_OF_SCHEMA: ReadonlySet<string> = new Set(SCHEMA_MEMBERS);
const KNOWN_OF_THINKING: ReadonlySet<string> = new Set(['type', 'budget_tokens']);

const DEFAULTS = [
  ['store', 'false'],
  ['service_tier', '"auto"'],
  ['modalities', '["text"]'],
  ['logit_bias', '{}'],
  ['metadata', '{}'],
  ['verbosity', '"medium"'],
  ['functions', '[]'],
  ['stream_options.include_obfuscation', 'false'],
] as const;

/** @throws GatewayError `invalid_request` with the `param` that is malformed */
export function readRequest(body: unknown): Conversation {
  const request = Fields.of(body, '');
  const rest: Rest = new Map();
  request.keepRest(KNOWN, rest);
  request.object('stream_options')?.keepRest(KNOWN_OF_STREAM, rest);
  dropDefaults(rest, DEFAULTS);
  const messages = request.list('messages');
  if (messages === null) throw malformed('messages', 'is missing; it must be an array of messages');
  return {
    model: request.text('model'),
    stream: request.boolean('stream') ?? false,
    ...readMessages(messages, rest),
    tools: readTools(request.list('tools') ?? [], rest),
    toolChoice: readToolChoice(request, rest),
    parallelTools: request.boolean('parallel_tool_calls'),
    output: readOutput(request, rest),
    reasoning: readReasoning(request, rest),
    sampling: readSampling(request),
    user: request.string('user'),
    rest,
  };
}

function readSampling(request: Fields): Sampling {
  const choices = request.count('n');
  return {
    maxTokens: readMaxTokens(request),
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    topK: request.count('top_k'),
    stop: readStop(request),
    seed: request.integer('seed'),
    presencePenalty: request.number('presence_penalty') || null,
    frequencyPenalty: request.number('frequency_penalty') || null,
    logprobs: readLogprobs(request),
    choices: choices === 1 ? null : choices,
  };
}

function readMaxTokens(request: Fields): number | null {
  const limit = request.count('max_completion_tokens');
  const old = request.count('max_tokens');
  if (limit !== null && old !== null) {
    throw malformed('max_tokens', 'cannot stand beside "max_completion_tokens"; send one of them');
  }
  return limit ?? old;
}

function readStop(request: Fields): readonly string[] {
  const stop = request.get('stop');
  if (stop === null) return [];
  const texts = Array.isArray(stop) ? stop : [stop];
  if (texts.every((text): text is string => typeof text === 'string')) return texts;
  throw malformed('stop', 'must be a string or an array of strings');
}

function readLogprobs(request: Fields): number | null {
  const alternatives = request.count('top_logprobs');
  if (request.boolean('logprobs') === true) return alternatives ?? 0;
  if (alternatives === null || alternatives === 0) return null;
  throw malformed('top_logprobs', 'needs "logprobs": true');
}

function readOutput(request: Fields, rest: Rest): OutputFormat | null {
  const format = request.object('response_format');
  if (format === null) return null;
  const type = format.text('type');
  if (type !== 'json_schema') {
    if (type === 'json_object') return { kind: 'json' };
    if (type !== 'text') rest.set('response_format', format.value);
    return null;
  }
  format.keepRest(KNOWN_OF_FORMAT, rest);
  const schema = Fields.of(format.get('json_schema'), format.at('json_schema'));
  schema.keepRest(KNOWN_OF_SCHEMA, rest);
  return readSchemaFormat(schema);
}

/** `thinking` is how chat clients ask gateways for Anthropic's budget. */
function readReasoning(request: Fields, rest: Rest): Reasoning | null {
  const effort = readEffort(request.string('reasoning_effort'), null);
  const thinking = request.object('thinking');
  if (thinking === null) return effort;
  thinking.keepRest(KNOWN_OF_THINKING, rest);
  const type = thinking.text('type');
  if (type !== 'enabled' && type !== 'disabled' && type !== 'adaptive') {
    throw malformed('thinking.type', 'must be one of enabled, disabled, adaptive');
  }
  return {
    mode: ({ enabled: 'on', disabled: 'off', adaptive: 'adaptive' } as const)[type],
    effort: effort?.effort ?? null,
    budgetTokens: thinking.count('budget_tokens'),
    summary: null,
  };
}
