import { leaveOutAccountFields } from '../account-fields.ts';
import type { Conversation, OutputFormat, Sampling } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { stringOf, type JsonObject } from '../provider-json.ts';
import { EFFORTS, modelFacts, type ModelFacts } from './models.ts';
import { allowsThinking, calledTools, writeMessages } from './write-messages.ts';
import { writeThinking, type WrittenThinking } from './write-thinking.ts';
import { writeOutputSchema, writeTools } from './write-tools.ts';

/** Of a model that is not in the table: what it does not take it says itself. */
const UNKNOWN: ModelFacts = {
  maxOutput: Infinity,
  thinking: 'both',
  off: 'disabled',
  efforts: EFFORTS,
  sampling: 'both',
  forcedTools: 'always',
  strictTools: true,
};
/** Members of the request that no other vendor has. */
const OWN: ReadonlySet<string> = new Set(['container', 'inference_geo', 'speed', 'diagnostics', 'mcp_servers']);
const JSON_INSTRUCTION = 'Answer with one JSON object and nothing else.';
/** Least top_p that is taken beside thinking. */
const MIN_TOP_P = 0.95;

/** @throws GatewayError `invalid_request` with the `param` that Anthropic has nothing for */
export function writeRequest(conversation: Conversation, model: string, notes: Notes): JsonObject {
  const facts = modelFacts(model) ?? UNKNOWN;
  const maxTokens = writeMaxTokens(conversation, facts, model, notes);
  const { system, messages } = writeMessages(withJsonInstruction(conversation, notes), notes);
  const { tools, choice, isForced } = writeTools(conversation, calledTools(messages), facts, notes);
  if (isForced && facts.forcedTools === 'never') throw notes.refusal('toolChoice', 'leave the choice to the model');
  const limits = { maxTokens, isForced, allowsBudget: allowsThinking(messages) };
  const thinking = writeThinking(conversation.reasoning, facts, limits, notes);
  const user = conversation.user ?? stringOf(conversation.rest.get('safety_identifier'));
  return {
    model,
    max_tokens: maxTokens,
    messages: messages as unknown as readonly JsonObject[],
    ...(system.length > 0 && { system }),
    ...(conversation.stream && { stream: true }),
    ...(tools.length > 0 && { tools }),
    ...(choice !== null && { tool_choice: choice }),
    ...(thinking.thinking !== null && { thinking: thinking.thinking }),
    ...writeOutputConfig(conversation.output, thinking, notes),
    ...writeSampling(conversation.sampling, facts, thinking.thinking, notes),
    ...(user !== null && { metadata: { user_id: user } }),
    ...writeRest(conversation, notes),
  };
}

/** OpenAI's clients may leave it out, Anthropic wants it: then as much as the model can. */
function writeMaxTokens({ sampling }: Conversation, facts: ModelFacts, model: string, notes: Notes): number {
  const { maxTokens } = sampling;
  if (maxTokens === null) {
    if (facts.maxOutput !== Infinity) return facts.maxOutput;
    throw notes.missing('maxTokens', `say how many tokens a reply of "${model}" may have`);
  }
  if (maxTokens <= facts.maxOutput) return maxTokens;
  notes.approximate('maxTokens');
  return facts.maxOutput;
}

function withJsonInstruction(conversation: Conversation, notes: Notes): Conversation {
  if (conversation.output?.kind !== 'json') return conversation;
  notes.approximate('output');
  return {
    ...conversation,
    system: [...conversation.system, { role: 'system', text: JSON_INSTRUCTION, cache: null }],
  };
}

function writeOutputConfig(output: OutputFormat | null, { effort }: WrittenThinking, notes: Notes): JsonObject | null {
  const format = output?.kind === 'schema' ? writeOutputSchema(output.schema, notes) : null;
  if (format === null && effort === null) return null;
  if (output?.kind === 'schema' && output.description !== null) notes.approximate('output');
  return { output_config: { ...(effort !== null && { effort }), ...(format !== null && { format }) } };
}

function writeSampling(sampling: Sampling, facts: ModelFacts, thinking: JsonObject | null, notes: Notes): JsonObject {
  refuseForeignSampling(sampling, notes);
  const stop = sampling.stop.filter((sequence) => sequence !== '');
  if (stop.some((sequence) => sequence.trim() === '')) {
    throw notes.refusal('stop', 'leave out sequences of white space only');
  }
  return {
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...writeRandomness(sampling, facts, thinking, notes),
  };
}

function refuseForeignSampling(sampling: Sampling, notes: Notes): void {
  const { seed, presencePenalty, frequencyPenalty, logprobs, choices } = sampling;
  if (seed !== null) throw notes.refusal('seed');
  if ((presencePenalty ?? 0) !== 0) throw notes.refusal('presencePenalty');
  if ((frequencyPenalty ?? 0) !== 0) throw notes.refusal('frequencyPenalty');
  if (logprobs !== null) throw notes.refusal('logprobs');
  if ((choices ?? 1) !== 1) throw notes.refusal('choices', 'ask once for each reply');
}

/** Values of 1 are Anthropic's own. Models that think, and new ones, take no others. */
function writeRandomness(sampling: Sampling, facts: ModelFacts, thinking: JsonObject | null, notes: Notes): JsonObject {
  const isThinking = thinking !== null && thinking['type'] !== 'disabled';
  const isFixed = facts.sampling === 'neither' || isThinking;
  const temperature = sampling.temperature === 1 ? null : sampling.temperature;
  const topP = sampling.topP === 1 ? null : sampling.topP;
  const { topK } = sampling;
  const takesTopP =
    facts.sampling !== 'neither' &&
    (isThinking ? (topP ?? 1) >= MIN_TOP_P : temperature === null || facts.sampling === 'both');
  if (temperature !== null && (isFixed || temperature > 1)) notes.approximate('temperature');
  if (topP !== null && !takesTopP) notes.approximate('topP');
  if (topK !== null && isFixed) notes.approximate('topK');
  return {
    ...(temperature !== null && !isFixed && { temperature: Math.min(1, temperature) }),
    ...(topP !== null && takesTopP && { top_p: topP }),
    ...(topK !== null && !isFixed && { top_k: topK }),
  };
}

function writeRest(conversation: Conversation, notes: Notes): JsonObject {
  const written: [string, JsonObject[string]][] = [];
  const rest = new Map(conversation.rest);
  for (const [name, value] of conversation.rest) {
    if (!OWN.has(name)) continue;
    written.push([name, value]);
    rest.delete(name);
  }
  const tier = rest.get('service_tier');
  // OpenAI's word and Anthropic's for the same.
  if (tier === 'default' || tier === 'standard_only') {
    written.push(['service_tier', 'standard_only']);
    rest.delete('service_tier');
  }
  const left = { ...conversation, rest };
  notes.refuseRest(left, leaveOutAccountFields(left, notes));
  return Object.fromEntries(written);
}
