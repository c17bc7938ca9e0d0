import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, OutputFormat, Reasoning, Sampling } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { copyShared } from '../openai/shared-members.ts';
import { effortOf, writeSchemaFormat } from '../openai/members.ts';
import { writeMessages } from './write-messages.ts';
import { writeToolChoice, writeTools } from './write-tools.ts';

type Body = { [name: string]: JsonValue };

/** Members of OpenAI that stand under the same name here. */
const SHARED: ReadonlySet<string> = new Set([
  'store',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'moderation',
  'safety_identifier',
  'verbosity',
  'logit_bias',
  'prediction',
  'web_search_options',
  'modalities',
  'audio',
]);
/** Told of what is kept; OpenAI takes it with `store` only. */
const WITH_STORE = 'metadata';
const TAKEN: ReadonlySet<string> = new Set([...SHARED, WITH_STORE, 'stream_options.include_obfuscation']);

/** @throws GatewayError `invalid_request` with the `param` that this format has nothing for */
export function writeRequest(conversation: Conversation, model: string, notes: Notes): unknown {
  const { stream, output, reasoning, sampling, user, rest } = conversation;
  const body: Body = { model, messages: writeMessages(conversation, notes) };
  putTools(body, conversation, notes);
  if (output !== null) body['response_format'] = writeOutput(output);
  if (reasoning !== null) putReasoning(body, reasoning, notes);
  putSampling(body, sampling, notes);
  if (user !== null) body['user'] = user;
  copyShared(body, rest, SHARED, notes);
  putStored(body, rest, notes);
  if (stream) body['stream'] = true;
  if (stream) body['stream_options'] = streamOptions(rest);
  notes.refuseRest(conversation, TAKEN);
  return body;
}

function streamOptions(rest: Conversation['rest']): JsonValue {
  const obfuscation = rest.get('stream_options.include_obfuscation');
  return obfuscation === undefined
    ? { include_usage: true }
    : { include_usage: true, include_obfuscation: obfuscation };
}

/** Without tools the vendor refuses the other two, where they ask for nothing as well. */
function putTools(body: Body, conversation: Conversation, notes: Notes): void {
  const { tools, toolChoice, parallelTools } = conversation;
  if (tools.length > 0) body['tools'] = writeTools(conversation, notes);
  else if (toolChoice === null || toolChoice.kind === 'auto' || toolChoice.kind === 'none') return;
  if (toolChoice !== null) body['tool_choice'] = writeToolChoice(toolChoice, tools);
  if (parallelTools !== null) body['parallel_tool_calls'] = parallelTools;
}

function writeOutput(output: OutputFormat): JsonValue {
  if (output.kind === 'json') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: writeSchemaFormat(output) };
}

function putReasoning(body: Body, reasoning: Reasoning, notes: Notes): void {
  const { effort, isExact } = effortOf(reasoning);
  if (effort !== null) body['reasoning_effort'] = effort;
  if (!isExact || reasoning.summary !== null) notes.approximate('reasoning');
}

function putSampling(body: Body, sampling: Sampling, notes: Notes): void {
  if (sampling.topK !== null) throw notes.refusal('topK');
  put(body, 'max_completion_tokens', sampling.maxTokens);
  put(body, 'temperature', sampling.temperature);
  put(body, 'top_p', sampling.topP);
  put(body, 'seed', sampling.seed);
  put(body, 'presence_penalty', sampling.presencePenalty);
  put(body, 'frequency_penalty', sampling.frequencyPenalty);
  put(body, 'n', sampling.choices);
  if (sampling.stop.length > 0) body['stop'] = sampling.stop;
  if (sampling.logprobs === null) return;
  body['logprobs'] = true;
  if (sampling.logprobs > 0) body['top_logprobs'] = sampling.logprobs;
}

/** Not to store is what this format does by itself; some servers do not know the word. */
function putStored(body: Body, rest: Conversation['rest'], notes: Notes): void {
  if (body['store'] === false) delete body['store'];
  const metadata = rest.get(WITH_STORE);
  if (metadata === undefined) return;
  if (body['store'] === true) body[WITH_STORE] = metadata;
  else notes.approximatePath(WITH_STORE);
}

function put(body: Body, name: string, value: JsonValue): void {
  if (value !== null) body[name] = value;
}
