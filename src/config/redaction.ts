import {
  REDACTION_CATEGORIES,
  type DirectionActions,
  type RedactionCategory,
  type RedactionPolicy,
} from '../core/redaction.ts';
import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

type RedactionFile = ConfigFile['redaction'];

const PERSONAL: DirectionActions = { request: 'placeholder', response: 'report' };
const OFF: DirectionActions = { request: 'allow', response: 'allow' };

const DEFAULTS: Readonly<Record<RedactionCategory, DirectionActions>> = {
  secrets: { request: 'placeholder', response: 'mask' },
  cards: PERSONAL,
  ibans: PERSONAL,
  national_ids: PERSONAL,
  emails: OFF,
  phones: OFF,
  ips: OFF,
  generic_secrets: { request: 'report', response: 'report' },
};

/** What holds without a configuration. */
export const DEFAULT_REDACTION: RedactionPolicy = { categories: DEFAULTS, rules: [], allow: [] };

export function resolveRedaction(file: RedactionFile, issues: Issues): RedactionPolicy {
  reportRepeatedRules(file, issues);
  const categories = REDACTION_CATEGORIES.map((category) => [category, toActions(category, file[category])]);
  return {
    categories: Object.fromEntries(categories) as Record<RedactionCategory, DirectionActions>,
    rules: file.rules,
    allow: file.allow,
  };
}

function toActions(category: RedactionCategory, given: RedactionFile[RedactionCategory]): DirectionActions {
  if (typeof given === 'string') return { request: given, response: given };
  const { request, response } = DEFAULTS[category];
  return { request: given?.request ?? request, response: given?.response ?? response };
}

function reportRepeatedRules({ rules }: RedactionFile, issues: Issues): void {
  for (const [index, { id }] of rules.entries())
    if (rules.findIndex((rule) => rule.id === id) < index)
      issues.add(['redaction', 'rules', index, 'id'], `repeats "${id}"`, 'give each rule its own id');
}
