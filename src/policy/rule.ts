import { compileGlob } from '../core/glob.ts';
import type { PolicyConfig } from '../core/policy.ts';
import { checkCondition } from './cel/check.ts';
import { compileCondition, type Condition, type ConditionGuard } from './cel/compile.ts';
import { momentOf, type Moment, type VariablePath } from './variables.ts';

type Glob = (name: string) => boolean;

/** A policy made ready to be judged. */
export interface Rule {
  readonly config: PolicyConfig;
  /** Its place in the file. */
  readonly order: number;
  readonly name: string;
  readonly moment: Moment;
  readonly reads: ReadonlySet<VariablePath>;
  readonly condition: Condition;
  readonly guard: ConditionGuard | null;
  readonly tools: { readonly allow: readonly Glob[] | null; readonly deny: readonly Glob[] } | null;
  /** It only tells: what cannot be judged is not denied for it. */
  readonly onlyTags: boolean;
  readonly changesBody: boolean;
  /** What it changes where it applies. */
  readonly changes: readonly ChangeAction[];
}

type ChangeAction = 'set' | 'cap' | 'route' | 'prompt' | 'tag';
const CHANGES: ReadonlySet<string> = new Set<ChangeAction>(['set', 'cap', 'route', 'prompt', 'tag']);

const ALWAYS: Condition = { holds: () => true, isNative: true, guard: null };
const NOTHING: ReadonlySet<VariablePath> = new Set();

/** @throws ConditionError */
export function toRule(config: PolicyConfig, order: number): Rule {
  const checked = config.when === null ? null : checkCondition(config.when);
  const reads = checked?.reads ?? NOTHING;
  const condition = checked === null ? ALWAYS : compileCondition(checked);
  const { tools } = config;
  const actions = actionsOf(config);
  return {
    config,
    order,
    name: config.name,
    moment: momentOf(reads),
    reads,
    condition,
    guard: condition.guard,
    tools: tools === null ? null : { allow: tools.allow?.map(compileGlob) ?? null, deny: tools.deny.map(compileGlob) },
    onlyTags: actions.every((action) => action === 'tag'),
    changesBody: actions.includes('set') || actions.includes('cap'),
    changes: actions.filter((action) => CHANGES.has(action)) as ChangeAction[],
  };
}

/** The fields that say what a policy does. */
export type ActionField = 'deny' | 'approve' | 'require' | 'set' | 'cap' | 'route' | 'prompt' | 'tag' | 'tools';

export function actionsOf(config: PolicyConfig): readonly ActionField[] {
  const given: Record<ActionField, boolean> = {
    deny: config.deny !== null,
    approve: config.approve,
    require: config.require.length > 0,
    set: Object.keys(config.set).length > 0,
    cap: Object.keys(config.cap).length > 0,
    route: config.route !== null,
    prompt: config.prompt !== null,
    tag: Object.keys(config.tag).length > 0,
    tools: config.tools !== null,
  };
  return (Object.keys(given) as ActionField[]).filter((field) => given[field]);
}

/** What a rule can still do at its moment. */
export const ACTIONS_AT: Readonly<Record<Moment, readonly ActionField[]>> = {
  request: ['deny', 'approve', 'require', 'set', 'cap', 'route', 'prompt', 'tag', 'tools'],
  redaction: ['deny', 'approve', 'require', 'set', 'cap', 'tag', 'tools'],
  target: ['deny', 'set', 'cap'],
  reply: ['deny', 'tag'],
};
