import type { JsonValue } from '../../core/rollout.ts';
import { leaveOutAccountFields } from '../account-fields.ts';
import type { Conversation, OutputFormat, Sampling } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { familyOf } from './model.ts';
import type { BedrockBlock } from './write-media.ts';
import { cachePoint, writeMessages } from './write-messages.ts';
import { writeReasoning } from './write-reasoning.ts';
import { writeTools } from './write-tools.ts';

const TIERS: ReadonlySet<JsonValue> = new Set(['flex', 'priority']);

/**
 * @throws GatewayError
 * @source https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function writeRequest(conversation: Conversation, model: string, notes: Notes): unknown {
  const { sampling, output, user, rest } = conversation;
  refuseSettings(sampling, notes);
  if (user !== null) notes.approximate('user');
  const taken = leaveOutAccountFields(conversation, notes);
  const tier = rest.get('service_tier') ?? null;
  if (tier !== null && TIERS.has(tier)) taken.add('service_tier');
  notes.refuseRest(conversation, taken);
  const reasoning =
    conversation.reasoning === null ? null : writeReasoning(conversation.reasoning, model, sampling.maxTokens, notes);
  const outputConfig = {
    ...(output === null ? {} : { textFormat: writeOutput(output, notes) }),
    ...(reasoning === null || reasoning.effort === null ? {} : { effort: reasoning.effort }),
  };
  return {
    ...filled({
      system: writeSystem(conversation, notes),
      messages: writeMessages(conversation, notes),
      inferenceConfig: writeInference(sampling, model, notes),
      toolConfig: writeTools(conversation, notes),
      additionalModelRequestFields: { ...reasoning?.fields, ...writeTopK(sampling, model, notes) },
      outputConfig,
      serviceTier: tier !== null && TIERS.has(tier) ? { type: tier } : null,
    }),
    // Else the sequence that was met is not told.
    ...(sampling.stop.length > 0 && familyOf(model) === 'anthropic'
      ? { additionalModelResponseFieldPaths: ['/stop_sequence', '/delta/stop_sequence'] }
      : {}),
  };
}

/** Without what is null or empty. */
function filled(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([name, value]) => {
    if (name === 'messages') return true;
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  });
  return Object.fromEntries(entries);
}

/** This vendor has one place for all of them. */
function writeSystem({ system, messages }: Conversation, notes: Notes): BedrockBlock[] {
  const blocks: BedrockBlock[] = [];
  for (const { text, cache } of system) if (text !== '') blocks.push({ text }, ...cachePoint(cache));
  for (const { role, path, parts } of messages) {
    if (role !== 'system' && role !== 'developer') continue;
    notes.approximatePath(path);
    for (const part of parts) {
      if (part.kind !== 'text') throw notes.refusalOf(path, 'send text only');
      if (part.text !== '') blocks.push({ text: part.text }, ...cachePoint(part.cache));
    }
  }
  return blocks;
}

function refuseSettings(sampling: Sampling, notes: Notes): void {
  if (sampling.seed !== null) throw notes.refusal('seed');
  if (sampling.logprobs !== null) throw notes.refusal('logprobs');
  if ((sampling.choices ?? 1) !== 1) throw notes.refusal('choices', 'ask for one');
  if ((sampling.presencePenalty ?? 0) !== 0) throw notes.refusal('presencePenalty');
  if ((sampling.frequencyPenalty ?? 0) !== 0) throw notes.refusal('frequencyPenalty');
}

/** Temperatures end at 1 here. */
function writeInference(sampling: Sampling, model: string, notes: Notes): Record<string, unknown> {
  const { maxTokens, temperature, topP, stop } = sampling;
  if (familyOf(model) === 'anthropic' && stop.some((sequence) => sequence.trim() === '')) {
    throw notes.refusal('stop', 'use sequences that are more than white space');
  }
  if (temperature !== null && temperature > 1) notes.approximate('temperature');
  return {
    ...(maxTokens === null ? {} : { maxTokens }),
    ...(temperature === null ? {} : { temperature: Math.min(temperature, 1) }),
    ...(topP === null ? {} : { topP }),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
  };
}

function writeTopK({ topK }: Sampling, model: string, notes: Notes): Record<string, JsonValue> {
  if (topK === null) return {};
  const family = familyOf(model);
  if (family === 'anthropic') return { top_k: topK };
  if (family === 'nova') return { inferenceConfig: { topK } };
  throw notes.refusal('topK');
}

function writeOutput(output: OutputFormat, notes: Notes): unknown {
  if (output.kind === 'json') throw notes.refusal('output', 'give a JSON schema');
  const { schema, name, description } = output;
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(name === null ? {} : { name }),
    ...(description === null ? {} : { description }),
  };
  return { type: 'json_schema', structure: { jsonSchema } };
}
