import { canonicalAddress } from '../core/address.ts';
import type { DetectorConfig } from '../core/external-detector.ts';
import {
  REDACTION_CATEGORIES,
  type CustomRule,
  type DirectionActions,
  type RedactionCategory,
  type RedactionChange,
  type RedactionPolicy,
} from '../core/redaction.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

type RedactionFile = ConfigFile['redaction'];
type RuleFile = RedactionFile['rules'][number];
type ChangeFile = NonNullable<ConfigFile['keys'][number]['redaction']>;

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

const RESTORED: RedactionPolicy['restore'] = {
  secrets: 'tool_arguments',
  cards: 'everywhere',
  ibans: 'everywhere',
  national_ids: 'everywhere',
  emails: 'everywhere',
  phones: 'everywhere',
  ips: 'everywhere',
  generic_secrets: 'tool_arguments',
  custom: 'everywhere',
};

/** What holds without a configuration. */
export const DEFAULT_REDACTION: RedactionPolicy = {
  categories: DEFAULTS,
  overrides: {},
  rules: [],
  allow: [],
  restore: RESTORED,
  failure: 'open',
  detectors: [],
};

export function resolveRedaction(file: RedactionFile, issues: Issues): RedactionPolicy {
  reportRepeatedRules(file, issues);
  const categories = REDACTION_CATEGORIES.map((category) => [category, toActions(category, file[category])]);
  return {
    categories: Object.fromEntries(categories) as Record<RedactionCategory, DirectionActions>,
    overrides: actionsById(file.rules.filter(({ pattern }) => pattern === undefined)),
    rules: file.rules.flatMap(toRule),
    allow: file.allow,
    restore: { ...RESTORED, ...given(file.restore) },
    failure: file.failure,
    detectors: toDetectors(file.detectors, issues),
  };
}

function toDetectors(file: RedactionFile['detectors'], issues: Issues): DetectorConfig[] {
  return file.map(({ entities, ...detector }, index) => {
    const at = ['redaction', 'detectors', index];
    if (file.findIndex(({ name }) => name === detector.name) < index)
      issues.add([...at, 'name'], `repeats "${detector.name}"`, 'give each detector its own name');
    const allowAddresses = detector.allowAddresses.map(canonicalAddress);
    const rules = Object.entries(entities).map(([entity, { rule, request }]) => ({ entity, rule, request }));
    const url = checkBaseUrl(detector.url, allowAddresses, [...at, 'url'], issues);
    return { ...detector, url, entities: rules, allowAddresses };
  });
}

/** What a route or a key changes; null: nothing. */
export function resolveRedactionChange(file: ChangeFile | undefined): RedactionChange | null {
  if (file === undefined) return null;
  const categories = REDACTION_CATEGORIES.map((category) => [category, toChange(file[category])] as const);
  return {
    categories: Object.fromEntries(categories.filter(([, change]) => change !== undefined)),
    rules: actionsById(file.rules),
    restore: given(file.restore),
  };
}

function toRule(file: RuleFile, index: number): CustomRule[] {
  const { id, pattern, request = 'placeholder', response = 'report', examples, nearMisses } = file;
  return pattern === undefined ? [] : [{ id, pattern, request, response, examples, nearMisses, index }];
}

function actionsById(rules: readonly Pick<RuleFile, 'id' | 'request' | 'response'>[]) {
  return Object.fromEntries(rules.map(({ id, request, response }) => [id, given({ request, response })]));
}

function toChange(actions: RedactionFile[RedactionCategory]): Partial<DirectionActions> | undefined {
  return typeof actions === 'string' ? { request: actions, response: actions } : actions && given(actions);
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
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
