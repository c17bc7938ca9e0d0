import type { Conversation, Instruction, OutputFormat, Reasoning, Sampling } from '../conversation.ts';
import type { ClientFormat } from '../format.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { dropDefaults, readEffort, readSchemaFormat, SCHEMA_MEMBERS } from '../openai/members.ts';
import { ItemReader } from './read-items.ts';
import { readToolChoice, readTools } from './read-tools.ts';

export const RESPONSES_NAMES: ClientFormat['settingNames'] = {
  maxTokens: 'max_output_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logprobs: 'top_logprobs',
  choices: 'n',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelTools: 'parallel_tool_calls',
  output: 'text.format',
  reasoning: 'reasoning',
  user: 'user',
};

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'user',
  'include',
]);
const KNOWN_OF_TEXT: ReadonlySet<string> = new Set(['format', 'verbosity']);
const KNOWN_OF_SCHEMA: ReadonlySet<string> = new Set(['type', ...SCHEMA_MEMBERS]);
const KNOWN_OF_REASONING: ReadonlySet<string> = new Set(['effort', 'summary', 'generate_summary']);
const NOTHING_KNOWN: ReadonlySet<string> = new Set();

const DEFAULTS = [
  ['background', 'false'],
  ['truncation', '"disabled"'],
  ['service_tier', '"auto"'],
  ['metadata', '{}'],
  ['verbosity', '"medium"'],
  ['presence_penalty', '0'],
  ['frequency_penalty', '0'],
  ['reasoning.context', '"auto"'],
  ['reasoning.mode', '"standard"'],
  ['stream_options.include_obfuscation', 'false'],
] as const;

/** What replies of the gateway hold in any case, and what `top_logprobs` asks for. */
const ENCRYPTED = 'reasoning.encrypted_content';
export const LOGPROBS = 'message.output_text.logprobs';

/** @throws GatewayError `invalid_request` with the `param` that is malformed */
export function readRequest(body: unknown): Conversation {
  const request = Fields.of(body, '');
  const rest: Rest = new Map();
  request.keepRest(KNOWN, rest);
  request.object('stream_options')?.keepRest(NOTHING_KNOWN, rest);
  const include = readInclude(request, rest);
  const output = readText(request, rest);
  const reasoning = readReasoning(request, rest);
  dropDefaults(rest, DEFAULTS);
  return {
    model: request.text('model'),
    stream: request.boolean('stream') ?? false,
    ...readInput(request, rest),
    tools: readTools(request.list('tools') ?? [], rest),
    toolChoice: readToolChoice(request, rest),
    parallelTools: request.boolean('parallel_tool_calls'),
    output,
    reasoning,
    sampling: readSampling(request, include),
    user: request.string('user'),
    rest,
  };
}

function readInput(request: Fields, rest: Rest): Pick<Conversation, 'system' | 'messages'> {
  const instructions = request.string('instructions');
  const system: Instruction[] = instructions === null ? [] : [{ role: 'system', text: instructions, cache: null }];
  const input = request.get('input');
  const reader = new ItemReader(system, rest);
  if (typeof input === 'string') reader.readAll([{ role: 'user', content: input }]);
  else if (Array.isArray(input)) reader.readAll(input);
  else if (input !== null) throw malformed('input', 'must be a string or an array of items');
  return { system: reader.system, messages: reader.messages };
}

function readInclude(request: Fields, rest: Rest): ReadonlySet<unknown> {
  const include = request.list('include') ?? [];
  const others = include.filter((each) => each !== ENCRYPTED && each !== LOGPROBS);
  if (others.length > 0) rest.set('include', others);
  return new Set(include);
}

function readText(request: Fields, rest: Rest): OutputFormat | null {
  const text = request.object('text');
  if (text === null) return null;
  text.keepRest(KNOWN_OF_TEXT, rest);
  const verbosity = text.string('verbosity');
  if (verbosity !== null) rest.set('verbosity', verbosity);
  const format = text.object('format');
  const type = format?.text('type') ?? 'text';
  if (format === null || type === 'text') return null;
  if (type === 'json_object') return { kind: 'json' };
  if (type !== 'json_schema') throw malformed('text.format.type', 'must be one of text, json_object, json_schema');
  format.keepRest(KNOWN_OF_SCHEMA, rest);
  return readSchemaFormat(format);
}

function readReasoning(request: Fields, rest: Rest): Reasoning | null {
  const reasoning = request.object('reasoning');
  if (reasoning === null) return null;
  reasoning.keepRest(KNOWN_OF_REASONING, rest);
  return readEffort(reasoning.string('effort'), reasoning.string('summary') ?? reasoning.string('generate_summary'));
}

function readSampling(request: Fields, include: ReadonlySet<unknown>): Sampling {
  const alternatives = request.count('top_logprobs');
  return {
    maxTokens: request.count('max_output_tokens'),
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    topK: null,
    stop: [],
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logprobs: include.has(LOGPROBS) ? (alternatives ?? 0) : alternatives || null,
    choices: null,
  };
}
