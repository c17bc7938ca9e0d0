import type { JsonValue } from '../core/rollout.ts';
import type { Conversation } from './conversation.ts';
import type { Notes } from './notes.ts';

type Judgement = 'harmless' | 'as_it_is' | 'unknown';

const TIERS: ReadonlySet<JsonValue> = new Set(['auto', 'default', 'standard_only']);

/** What fields of OpenAI and Anthropic ask of another vendor: nothing that changes the reply, what it does anyway, or more. */
const JUDGES: Readonly<Record<string, (value: JsonValue) => Judgement>> = {
  // To be kept by its own vendor: the reply is the same, and the header says that nobody keeps it.
  store: () => 'harmless',
  metadata: () => 'harmless',
  prompt_cache_key: () => 'harmless',
  prompt_cache_retention: () => 'harmless',
  safety_identifier: () => 'harmless',
  service_tier: (value) => (TIERS.has(value) ? 'harmless' : 'unknown'),
  truncation: (value) => (value === 'disabled' ? 'as_it_is' : 'unknown'),
  background: (value) => (value === false ? 'as_it_is' : 'unknown'),
  'stream_options.include_obfuscation': () => 'harmless',
  verbosity: (value) => (value === 'medium' ? 'as_it_is' : 'unknown'),
  include: (value) => (onlyHolds(value, 'reasoning.encrypted_content') ? 'as_it_is' : 'unknown'),
  modalities: (value) => (onlyHolds(value, 'text') ? 'as_it_is' : 'unknown'),
  logit_bias: (value) => (JSON.stringify(value) === '{}' ? 'as_it_is' : 'unknown'),
};

function onlyHolds(value: JsonValue, item: string): boolean {
  return Array.isArray(value) && value.every((each) => each === item);
}

/**
 * Notes the fields that only speak of the client's account or cache with its own vendor.
 * @returns those that a writer may leave out, for `refuseRest`
 */
export function leaveOutAccountFields({ rest }: Conversation, notes: Notes): Set<string> {
  const left = new Set<string>();
  for (const [field, value] of rest) {
    const judgement = Object.hasOwn(JUDGES, field) ? JUDGES[field]!(value) : 'unknown';
    if (judgement === 'unknown') continue;
    left.add(field);
    if (judgement === 'harmless') notes.approximatePath(field);
  }
  return left;
}
