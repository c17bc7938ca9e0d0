import type { Config } from '../core/config.ts';
import type { Target } from '../core/target.ts';
import type { ArmSpec, JsonValue, PromptRef, RolloutKind, RolloutMatch, RolloutSpec } from '../core/rollout.ts';
import { METADATA_NAME } from './names.ts';
import { ConfigError, Issues, placeless, type Path } from './problem.ts';
import { rollout as schema } from './rollout-schema.ts';
import type { RolloutFile } from './schema.ts';
import { suggest } from './suggest.ts';
import { gateRollout } from './unsupported.ts';
import { toIssues, wording } from './zod-issues.ts';

/** What a rollout may refer to. A `Config` is one. */
type RolloutReferences = Pick<Config, 'providers' | 'prompts'>;

const DEFAULT_STICKY = ['metadata.conversation', 'user'];
const DEFAULT_STEPS = [5, 25, 50, 100];
/** Weights such as 33.3 + 33.3 + 33.4 do not add up to exactly 100. */
const ROUNDING = 1e-9;

/** Which fields only make sense with which form. */
const FIELDS_OF_ONE_FORM: Readonly<Record<string, readonly RolloutKind[]>> = {
  stable: ['canary'],
  steps: ['canary'],
  step: ['canary'],
  goal: ['experiment'],
  guard: ['canary', 'experiment'],
  watch: ['canary', 'experiment'],
  segments: ['canary', 'experiment'],
  on: ['canary', 'experiment'],
};

/**
 * One rollout as declared in YAML or JSON, with the checks that the configuration file's rollouts get.
 * @throws ConfigError whose problems have paths such as `canary.target` and no file
 */
export function parseRollout(declared: unknown, references: RolloutReferences): RolloutSpec {
  const parsed = schema.safeParse(declared, { error: wording });
  if (!parsed.success) throw new ConfigError(toIssues(parsed.error.issues).map(placeless));
  const errors = new Issues();
  gateRollout(parsed.data, [], { errors, warnings: new Issues() });
  const spec = resolveRollout(parsed.data, declared as JsonValue, references, [], errors);
  if (errors.list.length > 0) throw new ConfigError(errors.list.map(placeless));
  return spec;
}

/** Adds an issue for all that the schema alone cannot see; what it returns counts only where none was added. */
export function resolveRollout(
  file: RolloutFile,
  declared: JsonValue,
  references: RolloutReferences,
  at: Path,
  issues: Issues,
): RolloutSpec {
  const kind = kindOf(file, at, issues);
  checkFields(file, kind, at, issues);
  for (const [arm, path] of armsWithPaths(file, at)) checkArm(arm, references, path, issues);
  return {
    name: file.name,
    kind,
    match: toMatch(file.match),
    arms: toArms(file),
    sticky: file.sticky ?? DEFAULT_STICKY,
    salt: file.salt ?? file.name,
    steps: kind === 'canary' ? (file.steps ?? DEFAULT_STEPS) : [],
    declared,
  };
}

/** @returns whether the provider of a target exists; adds an issue where not */
export function checkProvider(provider: string, names: readonly string[], at: Path, issues: Issues): boolean {
  if (names.includes(provider)) return true;
  issues.add(at, `names the unknown provider "${provider}"`, suggest(provider, names));
  return false;
}

function kindOf(file: RolloutFile, at: Path, issues: Issues): RolloutKind {
  const forms = (['canary', 'arms', 'shadow'] as const).filter((form) => file[form] !== undefined);
  if (forms.length !== 1)
    issues.add(
      at,
      forms.length === 0 ? 'has none of canary, arms and shadow' : `has ${forms.join(' and ')}`,
      'write exactly one of canary, arms and shadow',
    );
  if (file.canary !== undefined) return 'canary';
  return file.arms !== undefined ? 'experiment' : 'shadow';
}

function checkFields(file: RolloutFile, kind: RolloutKind, at: Path, issues: Issues): void {
  for (const [field, kinds] of Object.entries(FIELDS_OF_ONE_FORM))
    if (file[field as keyof RolloutFile] !== undefined && !kinds.includes(kind))
      issues.add([...at, field], `has no meaning in ${KIND_NAMES[kind]}`, 'remove it');
  if (file.canary !== undefined && Object.keys(file.canary).length === 0)
    issues.add([...at, 'canary'], 'changes nothing', 'give it a target, params or a prompt');
  if (file.arms === undefined) return;
  const weights = Object.values(file.arms).map(({ weight }) => weight);
  if (weights.length < 2) issues.add([...at, 'arms'], 'has fewer than two arms', 'add another arm');
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > 100 + ROUNDING)
    issues.add(
      [...at, 'arms'],
      `has weights that add up to ${Number(sum.toFixed(6))} %`,
      'let them add up to 100 at most',
    );
}

const KIND_NAMES: Readonly<Record<RolloutKind, string>> = {
  canary: 'a canary',
  experiment: 'an A/B test',
  shadow: 'shadow traffic',
};

interface Change {
  readonly target?: Target | undefined;
  readonly prompt?: PromptRef | undefined;
  readonly params?: Readonly<Record<string, JsonValue>> | undefined;
}

function* armsWithPaths(file: RolloutFile, at: Path): Generator<readonly [Change, Path]> {
  for (const field of ['stable', 'canary', 'shadow'] as const) {
    const arm = file[field];
    if (arm !== undefined) yield [arm, [...at, field]];
  }
  for (const [name, arm] of Object.entries(file.arms ?? {})) yield [arm, [...at, 'arms', name]];
}

function checkArm(arm: Change, { providers, prompts }: RolloutReferences, at: Path, issues: Issues): void {
  const names = providers.map(({ name }) => name);
  if (arm.target !== undefined) checkProvider(arm.target.provider, names, [...at, 'target'], issues);
  if (arm.prompt === undefined) return;
  const { name, version } = arm.prompt;
  if (prompts.get(name)?.has(version)) return;
  const known = [...prompts].flatMap(([prompt, versions]) => [...versions.keys()].map((each) => `${prompt}@${each}`));
  issues.add([...at, 'prompt'], `names the unknown prompt "${name}@${version}"`, suggest(`${name}@${version}`, known));
}

function toMatch(match: RolloutFile['match']): RolloutMatch {
  const metadata = Object.entries(match).filter(([name]) => METADATA_NAME.test(name));
  const values = metadata.map(([name, value]) => [name.slice('metadata.'.length), value as string]);
  return { model: match.model ?? null, key: match.key ?? null, metadata: Object.fromEntries(values) };
}

/** In the order that assignment counts on; see `RolloutSpec.arms`. */
function toArms(file: RolloutFile): ArmSpec[] {
  if (file.canary !== undefined) return [toArm('stable', file.stable ?? {}, 0), toArm('canary', file.canary, 0)];
  if (file.shadow !== undefined) return [toArm('shadow', { target: file.shadow.target }, 0)];
  return Object.entries(file.arms ?? {}).map(([name, arm]) => toArm(name, arm, arm.weight));
}

function toArm(name: string, { target, params, prompt }: Change, weight: number): ArmSpec {
  return { name, target: target ?? null, params: params ?? null, prompt: prompt ?? null, weight };
}
