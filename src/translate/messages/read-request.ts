import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, Instruction, Message, Part, Sampling } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { readCache, readContent } from './read-block.ts';
import { readOutput, readReasoning } from './read-reasoning.ts';
import { readToolChoice, readTools } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set(
  `model messages system stream max_tokens temperature top_p top_k stop_sequences tools tool_choice thinking output_config
  output_format metadata cache_control`.split(/\s+/),
);
const MESSAGE: ReadonlySet<string> = new Set(['role', 'content']);
const METADATA: ReadonlySet<string> = new Set(['user_id']);
/** Values that ask for what happens without them. */
const DEFAULTS: Readonly<Record<string, JsonValue>> = { service_tier: 'auto', speed: 'standard' };

/** @throws GatewayError `invalid_request` with the `param` that is malformed */
export function readRequest(body: unknown): Conversation {
  const request = Fields.of(body, '');
  const rest: Rest = new Map();
  request.keepRest(KNOWN, rest);
  for (const [name, value] of Object.entries(DEFAULTS)) if (rest.get(name) === value) rest.delete(name);
  const metadata = request.object('metadata');
  metadata?.keepRest(METADATA, rest);
  return {
    model: request.text('model'),
    stream: request.boolean('stream') ?? false,
    system: readSystem(request, rest),
    messages: withAutomaticCache(readMessages(request, rest), request, rest),
    tools: readTools(request, rest),
    ...readToolChoice(request, rest),
    output: readOutput(request, rest),
    reasoning: readReasoning(request, rest),
    sampling: readSampling(request),
    user: metadata?.string('user_id') ?? null,
    rest,
  };
}

function readSystem(request: Fields, rest: Rest): Instruction[] {
  const system = request.get('system');
  if (system === null) return [];
  if (typeof system === 'string') return [{ role: 'system', text: system, cache: null }];
  return readContent(system, 'system', rest).map((part, index) => {
    if (part.kind === 'text') return { role: 'system', text: part.text, cache: part.cache };
    throw malformed(`system[${index}].type`, 'must be text');
  });
}

function readMessages(request: Fields, rest: Rest): Message[] {
  const messages = request.list('messages');
  if (messages === null) throw malformed('messages', 'is missing; it must be an array');
  return messages.map((value, index) => {
    const message = Fields.of(value, `messages[${index}]`);
    message.keepRest(MESSAGE, rest);
    return {
      path: message.path,
      role: readRole(message),
      name: null,
      parts: readContent(message.get('content'), message.at('content'), rest),
    };
  });
}

function readRole(message: Fields): Message['role'] {
  const role = message.text('role');
  if (role === 'user' || role === 'assistant' || role === 'system') return role;
  throw malformed(message.at('role'), 'must be one of user, assistant, system');
}

/** A mark of the whole request stands for one on the last block that can have one. */
function withAutomaticCache(messages: Message[], request: Fields, rest: Rest): Message[] {
  const cache = readCache(request, rest);
  const message = messages.at(-1);
  if (cache === null || message === undefined) return messages;
  const at = message.parts.findLastIndex((part) => 'cache' in part);
  const part = message.parts[at];
  if (part === undefined || !('cache' in part)) {
    rest.set('cache_control', request.get('cache_control'));
    return messages;
  }
  const parts: Part[] = message.parts.with(at, { ...part, cache: part.cache ?? cache });
  return [...messages.slice(0, -1), { ...message, parts }];
}

function readSampling(request: Fields): Sampling {
  const maxTokens = request.count('max_tokens');
  if (maxTokens === 0)
    throw malformed('max_tokens', 'must be 1 or more for this model: it has no cache to be filled ahead');
  return {
    maxTokens,
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    topK: request.count('top_k'),
    stop: readStop(request),
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logprobs: null,
    choices: null,
  };
}

function readStop(request: Fields): string[] {
  return (request.list('stop_sequences') ?? []).map((value, index) => {
    if (typeof value === 'string') return value;
    throw malformed(`stop_sequences[${index}]`, 'must be a string');
  });
}
