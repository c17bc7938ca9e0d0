import type { JsonValue } from '../../core/rollout.ts';
import { stringOf, type JsonObject } from '../provider-json.ts';

/** A list that skips more places than this is none that a model wrote. */
const MAX_INDEX = 65_535;
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/gy;

type Container = Record<string, JsonValue> | JsonValue[];

/**
 * Arguments of a call that come value by value, each with its path (`$.steps[0].text`); a string in several pieces.
 * @source https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 */
export class PartialArguments {
  private readonly root: Record<string, JsonValue> = emptyObject();

  /** @throws Error for a path that cannot be read */
  add(piece: JsonObject): void {
    const steps = stepsOf(stringOf(piece['jsonPath']) ?? '');
    let holder: Container = this.root;
    for (let at = 0; at < steps.length - 1; at++)
      holder = descend(holder, steps[at]!, typeof steps[at + 1] === 'number');
    const last = steps.at(-1)!;
    const before = valueAt(holder, last);
    const value = valueOf(piece);
    put(holder, last, typeof before === 'string' && typeof value === 'string' ? before + value : value);
  }

  get text(): string {
    return JSON.stringify(this.root);
  }
}

function emptyObject(): Record<string, JsonValue> {
  return Object.create(null) as Record<string, JsonValue>;
}

function valueOf(piece: JsonObject): JsonValue {
  return piece['stringValue'] ?? piece['numberValue'] ?? piece['boolValue'] ?? null;
}

/** @throws Error */
function stepsOf(path: string): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  let read = 1;
  for (const [step, name, index, single, double] of path.slice(1).matchAll(STEP)) {
    read += step.length;
    steps.push(index === undefined ? (name ?? unescaped(single ?? double ?? '')) : Number(index));
  }
  const isTooFar = steps.some((step) => typeof step === 'number' && step > MAX_INDEX);
  if (!path.startsWith('$') || read !== path.length || steps.length === 0 || typeof steps[0] === 'number' || isTooFar) {
    throw new Error('an argument of a tool call has a path that cannot be read');
  }
  return steps;
}

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, '$1');
}

function descend(holder: Container, step: string | number, isList: boolean): Container {
  const there = valueAt(holder, step);
  if (typeof there === 'object' && there !== null) return there as Container;
  const made: Container = isList ? [] : emptyObject();
  put(holder, step, made);
  return made;
}

function valueAt(holder: Container, step: string | number): JsonValue | undefined {
  return (holder as Record<string | number, JsonValue>)[step];
}

/** A list with holes would be written with nulls: so it is. */
function put(holder: Container, step: string | number, value: JsonValue): void {
  if (Array.isArray(holder) && typeof step !== 'number')
    throw new Error('a list of a tool call has a member with a name');
  (holder as Record<string | number, JsonValue>)[step] = value;
}
