import type { RouteConfig } from '../core/config.ts';
import type { BalancedTarget, Target } from '../core/target.ts';
import type { Issues, Path } from './problem.ts';
import { resolveRedactionChange } from './redaction.ts';
import { checkProvider } from './rollout.ts';
import type { ConfigFile } from './schema.ts';

/** Exact names before globs, longest glob first; the sort is stable. */
export function toRoutes(models: ConfigFile['models'], names: readonly string[], issues: Issues): RouteConfig[] {
  const routes = Object.entries(models).map(([name, model]): RouteConfig => {
    const at = ['models', name];
    const targets = toTargets(model, names, at, issues);
    checkFallbacks(targets, model.fallbacks, names, at, issues);
    checkHedge(model, at, issues);
    const redaction = resolveRedactionChange(model.redaction);
    const { fallbacks, audit } = model;
    const detectsAttacks = model.attack?.detect ?? null;
    return {
      name,
      isGlob: name.includes('*'),
      target: { provider: targets[0]!.provider, model: targets[0]!.model },
      targets: targets.length > 1 ? targets : [],
      fallbacks,
      hedge: model.hedge ?? null,
      redaction,
      detectsAttacks,
      audit,
      cacheTtl: model.cache?.ttl ?? null,
    };
  });
  return routes.sort((a, b) => Number(a.isGlob) - Number(b.isGlob) || (a.isGlob ? b.name.length - a.name.length : 0));
}

type ModelFile = ConfigFile['models'][string];

/** Those of the lowest priority first. */
function toTargets(model: ModelFile, names: readonly string[], at: Path, issues: Issues): readonly BalancedTarget[] {
  const forms = (['target', 'provider', 'targets'] as const).filter((form) => model[form] !== undefined);
  if (forms.length !== 1)
    issues.add(
      at,
      forms.length === 0
        ? 'has neither a target nor a provider'
        : `has ${forms.map((form) => `a ${form}`).join(' and ')}`,
      'write exactly one: target: provider/model, targets: [...], or provider: NAME to keep the name',
    );
  if (model.targets !== undefined) return toEquals(model.targets, names, at, issues);
  const target = model.target ?? { provider: model.provider ?? '', model: null };
  if (target.provider !== '')
    checkProvider(target.provider, names, [...at, model.target === undefined ? 'provider' : 'target'], issues);
  return [{ ...target, weight: 1, priority: 0 }];
}

function toEquals(
  file: NonNullable<ModelFile['targets']>,
  names: readonly string[],
  at: Path,
  issues: Issues,
): readonly BalancedTarget[] {
  const targets = file.map(({ model = null, ...rest }): BalancedTarget => ({ ...rest, model }));
  for (const [index, target] of targets.entries()) {
    const path = [...at, 'targets', index];
    checkProvider(target.provider, names, [...path, 'provider'], issues);
    if (targets.slice(0, index).some((earlier) => isSame(earlier, target)))
      issues.add(path, 'is there already', 'name each target once; weight gives it a larger share');
  }
  return targets.toSorted((a, b) => a.priority - b.priority);
}

function isSame(one: Target, other: Target): boolean {
  return one.provider === other.provider && one.model === other.model;
}

function checkFallbacks(
  targets: readonly Target[],
  fallbacks: readonly Target[],
  names: readonly string[],
  at: Path,
  issues: Issues,
): void {
  const seen = [...targets];
  for (const [index, fallback] of fallbacks.entries()) {
    const path = [...at, 'fallbacks', index];
    checkProvider(fallback.provider, names, path, issues);
    if (seen.some((target) => isSame(target, fallback)))
      issues.add(path, 'is tried already', 'name another target than those before it');
    seen.push(fallback);
  }
}

function checkHedge({ hedge, targets = [], fallbacks }: ModelFile, at: Path, issues: Issues): void {
  if (hedge !== undefined && Math.max(1, targets.length) + fallbacks.length < 2)
    issues.add([...at, 'hedge'], 'has no second target to go to', 'name another one under targets or fallbacks');
}
