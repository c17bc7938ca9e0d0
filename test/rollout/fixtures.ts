import type { JsonValue, Rollout, RolloutSpec, RolloutState, RolloutStep } from '../../src/core/rollout.ts';
import { initialState } from '../../src/rollout/reducer.ts';

type Declared = Readonly<Record<string, JsonValue>>;

/** A small reader of declarations: `target`, `steps`, `salt` and the kind; what it does not know it refuses. */
export function parse(declared: JsonValue): RolloutSpec {
  const {
    name,
    kind = 'canary',
    target = 'fast-v2',
    steps = [5, 25, 50, 100],
    salt = name,
    sticky = ['user'],
    guard = {},
    holdback = null,
    layer = null,
  } = declared as Declared;
  if (target === 'gone') throw new Error('"canary.target" names the unknown provider "gone"');
  const arm = (armName: string, model: JsonValue, weight: number) => ({
    name: armName,
    target: { provider: 'sim', model: model as string },
    params: null,
    prompt: null,
    weight,
  });
  const arms = {
    canary: [arm('stable', 'fast-v1', 0), arm('canary', target, 0)],
    experiment: [arm('a', 'fast-v1', 50), arm('b', target, 50)],
    shadow: [arm('shadow', target, 0)],
  };
  return {
    name: name as string,
    kind: kind as RolloutSpec['kind'],
    match: { model: 'chat-fast', key: null, metadata: {} },
    arms: arms[kind as RolloutSpec['kind']],
    sticky: sticky as string[],
    salt: salt as string,
    steps: kind === 'canary' ? (steps as JsonValue[]).map(toStep) : [],
    judgement: {
      guard: guard as RolloutSpec['judgement']['guard'],
      watch: [],
      segments: [],
      step: null,
      on: { srm: 'hold', no_traffic: 'hold' },
    },
    holdback: holdback as unknown as RolloutSpec['holdback'],
    layer: layer as unknown as RolloutSpec['layer'],
    goal: null,
    shadow: kind === 'shadow' ? { sample: 100, budget: null, timeout: 30_000 } : null,
    declared,
  };
}

function toStep(step: JsonValue): RolloutStep {
  const plain = { min: null, max: null, pause: false };
  return typeof step === 'number' ? { weight: step, ...plain } : { ...plain, ...(step as unknown as RolloutStep) };
}

export function rollout(declared: Declared = {}, state: Partial<RolloutState> = {}): Rollout {
  const spec = parse({ name: 'fast-v2', ...declared });
  return { spec, state: { ...initialState(spec, 0), ...state }, revision: 1, version: 1, updatedAt: 0 };
}
