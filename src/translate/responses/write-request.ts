import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, OutputFormat, Reasoning, Sampling } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { effortOf, writeSchemaFormat } from '../openai/members.ts';
import { copyShared } from '../openai/shared-members.ts';
import { listOf } from '../openai/fields.ts';
import { LOGPROBS } from './read-request.ts';
import { writeItems } from './write-items.ts';
import { writeTool, writeToolChoice } from './write-tools.ts';

type Body = { [name: string]: JsonValue };

/** Members of OpenAI that stand under the same name here. */
const SHARED: ReadonlySet<string> = new Set([
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'moderation',
  'truncation',
  'background',
  'max_tool_calls',
  'previous_response_id',
  'conversation',
  'context_management',
  'prompt',
]);
const TAKEN: ReadonlySet<string> = new Set([
  ...SHARED,
  'store',
  'verbosity',
  'include',
  'stream_options.include_obfuscation',
]);

/** Models that refuse to tell encrypted reasoning do none. */
const REASONING_MODELS = /^(?:[^/]+\/)?(?:o\d|gpt-(?:[5-9]|\d\d)|codex|computer-use)(?!.*chat)/;

/** @throws GatewayError `invalid_request` with the `param` that this format has nothing for */
export function writeRequest(conversation: Conversation, model: string, notes: Notes): unknown {
  const { stream, reasoning, sampling, user, rest } = conversation;
  refuseSampling(sampling, notes);
  const body: Body = { model, input: writeItems(conversation, notes) };
  putTools(body, conversation, notes);
  putText(body, conversation);
  if (reasoning !== null) putReasoning(body, reasoning, notes);
  if (sampling.maxTokens !== null) body['max_output_tokens'] = sampling.maxTokens;
  if (sampling.temperature !== null) body['temperature'] = sampling.temperature;
  if (sampling.topP !== null) body['top_p'] = sampling.topP;
  if (sampling.logprobs !== null) body['top_logprobs'] = sampling.logprobs;
  if (user !== null) body['user'] = user;
  copyShared(body, rest, SHARED, notes);
  body['store'] = rest.get('store') ?? false;
  const include = writeInclude(conversation, model);
  if (include.length > 0) body['include'] = include;
  putStream(body, stream, rest);
  notes.refuseRest(conversation, TAKEN);
  return body;
}

function refuseSampling(sampling: Sampling, notes: Notes): void {
  for (const name of ['topK', 'seed', 'presencePenalty', 'frequencyPenalty', 'choices'] as const) {
    if (sampling[name] !== null) throw notes.refusal(name);
  }
  if (sampling.stop.length > 0) throw notes.refusal('stop');
}

/** Without tools the vendor refuses the other two, where they ask for nothing as well. */
function putTools(body: Body, { tools, toolChoice, parallelTools }: Conversation, notes: Notes): void {
  const written = tools.map((tool) => {
    const each = writeTool(tool);
    if (each === null && tool.kind === 'foreign') throw notes.refusalOf(tool.path, `remove the tool "${tool.type}"`);
    if (tool.kind === 'function' && tool.cache !== null) notes.approximatePath('cache_control');
    return each;
  });
  if (tools.length > 0) body['tools'] = written;
  else if (toolChoice === null || toolChoice.kind === 'auto' || toolChoice.kind === 'none') return;
  if (toolChoice !== null) body['tool_choice'] = writeToolChoice(toolChoice, tools);
  if (parallelTools !== null) body['parallel_tool_calls'] = parallelTools;
}

function putText(body: Body, { output, rest }: Conversation): void {
  const verbosity = rest.get('verbosity');
  const format = output === null ? null : { format: writeFormat(output) };
  if (format === null && verbosity === undefined) return;
  body['text'] = { ...format, ...(verbosity === undefined ? null : { verbosity }) };
}

export function writeFormat(output: OutputFormat): JsonValue {
  return output.kind === 'json' ? { type: 'json_object' } : { type: 'json_schema', ...writeSchemaFormat(output) };
}

function putReasoning(body: Body, reasoning: Reasoning, notes: Notes): void {
  const { effort, isExact } = effortOf(reasoning);
  // Not to tell thoughts is what the vendor does by itself; it has no word for it.
  const summary = reasoning.summary === 'none' ? null : reasoning.summary;
  if (!isExact) notes.approximate('reasoning');
  if (effort === null && summary === null) return;
  body['reasoning'] = { ...(effort === null ? null : { effort }), ...(summary === null ? null : { summary }) };
}

/** Nothing is stored at the vendor, so thoughts must travel with the conversation. */
function writeInclude({ rest, sampling, reasoning, messages }: Conversation, model: string): JsonValue[] {
  const include = [...listOf(rest.get('include'))];
  if (sampling.logprobs !== null) include.push(LOGPROBS);
  const isReasoning =
    REASONING_MODELS.test(model) ||
    (reasoning !== null && reasoning.mode !== 'off') ||
    messages.some(({ parts }) =>
      parts.some((part) => part.kind === 'thinking' && part.signature?.wire === 'responses'),
    );
  if (isReasoning) include.push('reasoning.encrypted_content');
  return include;
}

function putStream(body: Body, stream: boolean, rest: Conversation['rest']): void {
  const obfuscation = rest.get('stream_options.include_obfuscation');
  if (stream) body['stream'] = true;
  if (stream && obfuscation !== undefined) body['stream_options'] = { include_obfuscation: obfuscation };
}
