import type { Config } from '../core/config.ts';
import type { Target } from '../core/target.ts';
import type {
  ArmSpec,
  Judgement,
  JsonValue,
  PromptRef,
  RolloutKind,
  RolloutMatch,
  RolloutSpec,
  RolloutStep,
  ShadowSpec,
} from '../core/rollout.ts';
import { METADATA_NAME } from './names.ts';
import { ConfigError, Issues, placeless, type Path } from './problem.ts';
import { rollout as schema } from './rollout-schema.ts';
import type { RolloutFile } from './schema.ts';
import { suggest } from './suggest.ts';
import type { BudgetPeriod } from '../core/limits.ts';
import { toIssues, wording } from './zod-issues.ts';

/** What a rollout may refer to. A `Config` is one. */
type RolloutReferences = Pick<Config, 'providers' | 'prompts'>;

const DEFAULT_STICKY = ['metadata.conversation', 'user'];
const DEFAULT_STEPS = [5, 25, 50, 100].map((weight) => ({ weight, min: undefined, max: undefined, pause: false }));
/** Stands in the metrics of requests that take part in nothing. */
const RESERVED_NAME = 'holdout';
/** Weights such as 33.3 + 33.3 + 33.4 do not add up to exactly 100. */
const ROUNDING = 1e-9;

/** Which fields only make sense with which form. */
const FIELDS_OF_ONE_FORM: Readonly<Record<string, readonly RolloutKind[]>> = {
  stable: ['canary'],
  steps: ['canary'],
  step: ['canary'],
  goal: ['experiment'],
  holdback: ['canary'],
  layer: ['canary', 'experiment'],
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
    steps: kind === 'canary' ? (file.steps ?? DEFAULT_STEPS).map(toStep) : [],
    judgement: toJudgement(file),
    holdback: file.holdback ?? null,
    layer: file.layer ?? null,
    goal: file.goal ?? null,
    shadow: toShadow(file),
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
  if (file.name === RESERVED_NAME)
    issues.add([...at, 'name'], 'is the name of the holdout in metrics', 'choose another name');
  if (file.layer !== undefined && file.layer.from >= file.layer.to)
    issues.add([...at, 'layer', 'to'], 'is not above "from"', 'write a range such as from: 0%, to: 50%');
  for (const [metric, margin] of Object.entries(file.guard ?? {}))
    if (Number.parseFloat(margin ?? '0') <= -100)
      issues.add([...at, 'guard', metric], 'must be more than -100 %', 'write how much worse is accepted, e.g. +25%');
  if (file.canary !== undefined && Object.keys(file.canary).length === 0)
    issues.add([...at, 'canary'], 'changes nothing', 'give it a target, params or a prompt');
  checkStepTimes(file, at, issues);
  checkArmWeights(file, at, issues);
}

/** A step that must be decided before it may be left could never go on. */
function checkStepTimes({ step, steps = [] }: RolloutFile, at: Path, issues: Issues): void {
  const check = (min: number | undefined, max: number | undefined, path: Path) => {
    if (min !== undefined && max !== undefined && min > max)
      issues.add(path, 'ends before the least time of the step', 'write a max that is not below min');
  };
  check(step?.min, step?.max, [...at, 'step', 'max']);
  for (const [index, { min, max }] of steps.entries()) {
    if (min === undefined && max === undefined) continue;
    check(min ?? step?.min, max ?? step?.max, [...at, 'steps', index, max === undefined ? 'min' : 'max']);
  }
}

function checkArmWeights(file: RolloutFile, at: Path, issues: Issues): void {
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

function toStep({ weight, min, max, pause }: NonNullable<RolloutFile['steps']>[number]): RolloutStep {
  return { weight, min: min ?? null, max: max ?? null, pause };
}

function toJudgement({ guard, watch, segments, step, on }: RolloutFile): Judgement {
  const margins = Object.entries(guard ?? {}).filter(([, margin]) => margin !== undefined);
  return {
    guard: Object.fromEntries(margins),
    watch: watch ?? [],
    segments: segments ?? [],
    step:
      step === undefined
        ? null
        : { min: step.min ?? null, max: step.max ?? null, inconclusive: step.inconclusive ?? 'pause' },
    on: { srm: on?.srm ?? 'hold', no_traffic: on?.no_traffic ?? 'hold' },
  };
}

function toShadow({ shadow }: RolloutFile): ShadowSpec | null {
  if (shadow === undefined) return null;
  const [, usd, per] = /^(\S+?) ?USD\/(.+)$/.exec(shadow.budget ?? '') ?? [];
  const budget = usd === undefined ? null : { usd: Number(usd), per: per as BudgetPeriod };
  return { sample: shadow.sample, timeout: shadow.timeout, budget };
}

function toMatch(match: RolloutFile['match']): RolloutMatch {
  const metadata = Object.entries(match).filter(([name]) => METADATA_NAME.test(name));
  const values = metadata.map(([name, value]) => [name.slice('metadata.'.length), value as string]);
  const { model = null, key = null, when } = match;
  return { model, key, metadata: Object.fromEntries(values), ...(when === undefined ? {} : { when }) };
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
