import type { Issues, Path } from './config/problem.ts';
import { suggest } from './config/suggest.ts';
import type { Config } from './core/config.ts';
import type { PolicyConfig } from './core/policy.ts';
import { checkCondition, ConditionError } from './policy/cel/check.ts';
import { ACTIONS_AT, actionsOf, type ActionField } from './policy/rule.ts';
import { momentOf, namespaceOf, type Moment, type VariablePath } from './policy/variables.ts';
import { RouteTable } from './route/match-route.ts';

/** What the schema cannot see: conditions, and what policies refer to. */
export function checkPolicies(config: Config, issues: Issues): void {
  for (const [index, policy] of config.policies.entries()) checkPolicy(policy, ['policies', index], config, issues);
}

function checkPolicy(policy: PolicyConfig, at: Path, config: Config, issues: Issues): void {
  const actions = actionsOf(policy);
  if (actions.length === 0)
    issues.add(at, 'does nothing', 'give it deny, approve, require, set, cap, route, prompt, tag or tools');
  if (policy.deny !== null && actions.length > 1)
    issues.add(
      [...at, actions.find((action) => action !== 'deny')!],
      'is never done, as the policy denies',
      'remove it',
    );
  const reads = policy.when === null ? NOTHING : readsOf(policy.when, [...at, 'when'], issues);
  if (reads !== null) checkMoment(actions, momentOf(reads), at, issues);
  checkReferences(policy, at, config, issues);
}

const NOTHING: ReadonlySet<VariablePath> = new Set();

const KNOWN_AT: Readonly<Record<Moment, string>> = {
  request: '',
  redaction: 'it reads redaction.*, which is known only after the call was routed',
  target: 'it reads target.*, and is judged for each target',
  reply: 'it reads response.*, when the request was sent already',
};

function checkMoment(actions: readonly ActionField[], moment: Moment, at: Path, issues: Issues): void {
  for (const action of actions)
    if (!ACTIONS_AT[moment].includes(action))
      issues.add([...at, action], `comes too late: ${KNOWN_AT[moment]}`, `use ${ACTIONS_AT[moment].join(', ')} there`);
}

function checkReferences({ route, prompt }: PolicyConfig, at: Path, config: Config, issues: Issues): void {
  if (route !== null && new RouteTable(config.routes).match(route) === null)
    issues.add(
      [...at, 'route'],
      `names the unknown model "${route}"`,
      suggest(
        route,
        config.routes.map(({ name }) => name),
      ),
    );
  if (prompt === null || config.prompts.get(prompt.name)?.has(prompt.version)) return;
  const known = [...config.prompts].flatMap(([name, versions]) =>
    [...versions.keys()].map((each) => `${name}@${each}`),
  );
  const given = `${prompt.name}@${prompt.version}`;
  issues.add([...at, 'prompt'], `names the unknown prompt "${given}"`, suggest(given, known));
}

/** What a rollout's match may read. */
const KNOWN_BEFORE_ROUTING: ReadonlySet<string> = new Set(['request', 'key', 'metadata', 'time', 'attack']);

/** The condition of a rollout's match. */
export function checkMatch(when: string, at: Path, issues: Issues): void {
  for (const path of readsOf(when, at, issues) ?? [])
    if (!KNOWN_BEFORE_ROUTING.has(namespaceOf(path))) {
      issues.add(at, `reads ${path}, which is not known yet`, 'match by request.*, key.*, metadata.* or time.*');
      return;
    }
}

/** Null where the condition is refused. */
function readsOf(when: string, at: Path, issues: Issues): ReadonlySet<VariablePath> | null {
  try {
    return checkCondition(when, suggest).reads;
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    issues.add(at, `${error.message} (${placeIn(when, error.offset)})`, error.fix);
    return null;
  }
}

/** Line and column inside the expression, with what stands there. */
function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  const rest = text.slice(offset, offset + 24).split('\n')[0]!;
  const place =
    line === 1 ? `character ${column} of the expression` : `line ${line}, character ${column} of the expression`;
  return rest === '' ? `at the end, ${place}` : `at ${place}, "${rest}"`;
}
