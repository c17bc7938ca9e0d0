import { compileGlob } from '../core/glob.ts';
import type { ArmSpec, RolloutMatch, RolloutSpec } from '../core/rollout.ts';
import { Issues, formatPath, placeless, type Path, type Problem } from './problem.ts';

/**
 * Checks what only all rollouts together show: ranges of one layer that overlap, and rollouts of different layers that
 * would set the same thing in the same request.
 * @param at the path of the rollout with an index
 */
export function checkLayers(rollouts: readonly RolloutSpec[], at: (index: number) => Path, issues: Issues): void {
  for (const [index, rollout] of rollouts.entries()) {
    for (const earlier of rollouts.slice(0, index)) {
      if (rollout.kind === 'shadow' || earlier.kind === 'shadow') continue;
      if (isSameLayer(rollout, earlier)) checkSameLayer(rollout, earlier, at(index), issues);
      else checkCrossing(rollout, earlier, at(index), issues);
    }
  }
}

/**
 * Warns of rollouts without a layer that can never take part, since every request of theirs is one of an earlier rollout:
 * the first that matches decides.
 * @param at as `checkLayers`
 */
export function checkOrder(rollouts: readonly RolloutSpec[], at: (index: number) => Path, issues: Issues): void {
  for (const [index, rollout] of rollouts.entries()) {
    if (rollout.kind === 'shadow' || rollout.layer !== null) continue;
    const isInFront = ({ kind, layer, match }: RolloutSpec) =>
      kind !== 'shadow' && layer === null && covers(match, rollout.match);
    const earlier = rollouts.slice(0, index).find(isInFront);
    if (earlier !== undefined)
      issues.add(
        at(index),
        `never takes part: "${earlier.name}" matches all of its requests and comes first`,
        'give them a layer, with ranges of their own, or let them match different requests',
      );
  }
}

/** What is wrong or odd about a rollout among the others in force, which are in the order in which they match. */
export function layerWarnings(name: string, inForce: readonly RolloutSpec[]): readonly Problem[] {
  const issues = new Issues();
  const own = inForce.findIndex((spec) => spec.name === name);
  for (const index of inForce.keys()) {
    if (index === own || own < 0) continue;
    const pair = [inForce[Math.min(index, own)]!, inForce[Math.max(index, own)]!];
    const at = (which: number): Path => [pair[which]!.name];
    checkLayers(pair, at, issues);
    checkOrder(pair, at, issues);
  }
  return issues.list.map(placeless);
}

/** Of these, what is wrong with itself: that it is in the way of a later one is said of that one. */
export function ownLayerWarnings(name: string, inForce: readonly RolloutSpec[]): readonly Problem[] {
  const own = formatPath([name]);
  return layerWarnings(name, inForce).filter(({ path }) => path === own || path.startsWith(`${own}.`));
}

/** True where each request of the other is one of its own; not every such pair of globs is seen. */
function covers(match: RolloutMatch, other: RolloutMatch): boolean {
  if (!isAsWide(match.model, other.model) || !isAsWide(match.key, other.key)) return false;
  if (match.when !== undefined && match.when !== other.when) return false;
  return Object.entries(match.metadata).every(([name, value]) => isAsWide(value, other.metadata[name]));
}

function isAsWide(one: string | null, other: string | null | undefined): boolean {
  if (one === null || one === other) return true;
  return typeof other === 'string' && !other.includes('*') && compileGlob(one)(other);
}

function isSameLayer({ layer }: RolloutSpec, other: RolloutSpec): boolean {
  return (layer?.name ?? null) === (other.layer?.name ?? null);
}

function checkSameLayer(rollout: RolloutSpec, earlier: RolloutSpec, at: Path, issues: Issues): void {
  if (rollout.layer === null || earlier.layer === null) return;
  if (rollout.layer.from < earlier.layer.to && earlier.layer.from < rollout.layer.to)
    issues.add(
      [...at, 'layer'],
      `overlaps the range of "${earlier.name}" in the layer "${rollout.layer.name}"`,
      `begin at ${earlier.layer.to}%, or end at ${earlier.layer.from}%`,
    );
  if (rollout.sticky.join() !== earlier.sticky.join())
    issues.add(
      [...at, 'sticky'],
      `differs from that of "${earlier.name}" in the same layer, so their units could not exclude each other`,
      `write [${earlier.sticky.join(', ')}], or use another layer`,
    );
}

function checkCrossing(rollout: RolloutSpec, earlier: RolloutSpec, at: Path, issues: Issues): void {
  if (!mayMeet(rollout, earlier)) return;
  if (rollout.salt === earlier.salt)
    issues.add(
      [...at, 'salt'],
      `is that of "${earlier.name}", which crosses it: their arms would go together`,
      'leave it out, or write another one',
    );
  const set = changedBy(earlier);
  const both = [...changedBy(rollout)].filter((aspect) => set.has(aspect));
  if (both.length > 0)
    issues.add(
      at,
      `changes ${both.join(', ')} and so does "${earlier.name}", which crosses it`,
      'put both into one layer with ranges of their own, or let them match different requests',
    );
}

/** False only where no request can match both. */
function mayMeet({ match }: RolloutSpec, { match: other }: RolloutSpec): boolean {
  if (areApart(match.model, other.model) || areApart(match.key, other.key)) return false;
  return !Object.entries(match.metadata).some(([name, value]) => areApart(value, other.metadata[name]));
}

function areApart(one: string | null, other: string | null | undefined): boolean {
  if (one === null || other === null || other === undefined) return false;
  if (!one.includes('*')) return !compileGlob(other)(one);
  if (!other.includes('*')) return !compileGlob(one)(other);
  return haveOtherEnds(one, other);
}

/** What two globs have before their first star, or behind their last, cannot both stand in one name. */
function haveOtherEnds(one: string, other: string): boolean {
  const [head, otherHead] = [one, other].map((glob) => glob.slice(0, glob.indexOf('*'))) as [string, string];
  const [tail, otherTail] = [one, other].map((glob) => glob.slice(glob.lastIndexOf('*') + 1)) as [string, string];
  const isHeadShared = head.startsWith(otherHead) || otherHead.startsWith(head);
  const isTailShared = tail.endsWith(otherTail) || otherTail.endsWith(tail);
  return !isHeadShared || !isTailShared;
}

function changedBy({ arms }: RolloutSpec): ReadonlySet<string> {
  return new Set(arms.flatMap(aspectsOf));
}

function aspectsOf({ target, prompt, params }: ArmSpec): readonly string[] {
  return [
    ...(target === null ? [] : ['the target']),
    ...(prompt === null ? [] : ['the prompt']),
    ...Object.keys(params ?? {}).map((name) => `"${name}"`),
  ];
}
