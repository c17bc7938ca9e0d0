import type { Conversation, OutputFormat, Sampling } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { isObject } from '../provider-json.ts';
import { writeThinking } from './write-thinking.ts';

/** @source https://ai.google.dev/api/generate-content#generationconfig */
const MAX_STOPS = 5;
const MAX_CHOICES = 8;
const MAX_LOGPROBS = 5;
const MAX_SEED = 2_147_483_647;

/** `generationConfig`; null where the client has set nothing. */
export function writeSettings(conversation: Conversation, model: string, notes: Notes): Record<string, unknown> | null {
  const { sampling, output, reasoning } = conversation;
  checkRanges(sampling, notes);
  const thinkingConfig = reasoning === null ? null : writeThinking(reasoning, model, notes);
  const config = {
    ...withoutNulls({
      maxOutputTokens: sampling.maxTokens,
      temperature: sampling.temperature,
      topP: sampling.topP,
      topK: sampling.topK,
      stopSequences: sampling.stop.length === 0 ? null : sampling.stop,
      seed: sampling.seed,
      presencePenalty: sampling.presencePenalty,
      frequencyPenalty: sampling.frequencyPenalty,
      candidateCount: sampling.choices === 1 ? null : sampling.choices,
      responseLogprobs: sampling.logprobs === null ? null : true,
      logprobs: sampling.logprobs === 0 ? null : sampling.logprobs,
      thinkingConfig,
    }),
    ...(output === null ? {} : writeOutput(output, notes)),
  };
  return Object.keys(config).length === 0 ? null : config;
}

function checkRanges({ stop, choices, logprobs, seed }: Sampling, notes: Notes): void {
  if (stop.length > MAX_STOPS) throw notes.refusal('stop', `send at most ${MAX_STOPS}`);
  if (choices !== null && choices > MAX_CHOICES) throw notes.refusal('choices', `ask for at most ${MAX_CHOICES}`);
  if (logprobs !== null && logprobs > MAX_LOGPROBS) throw notes.refusal('logprobs', `ask for at most ${MAX_LOGPROBS}`);
  if (seed !== null && !(Number.isInteger(seed) && Math.abs(seed) <= MAX_SEED)) {
    throw notes.refusal('seed', 'use a whole number of 32 bits');
  }
}

/** The whole of JSON Schema: the vendor's older `responseSchema` knows a part of it. */
function writeOutput(output: OutputFormat, notes: Notes): Record<string, unknown> {
  const responseMimeType = 'application/json';
  if (output.kind === 'json') return { responseMimeType };
  const { schema, description } = output;
  if (description === null) return { responseMimeType, responseJsonSchema: schema };
  const isDescribed = !isObject(schema) || 'description' in schema;
  if (isDescribed) notes.approximate('output');
  return { responseMimeType, responseJsonSchema: isDescribed ? schema : { ...schema, description } };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
