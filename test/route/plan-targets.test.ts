import { describe, expect, it } from 'vitest';
import type { RouteConfig } from '../../src/core/config.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { protocolOf } from '../../src/core/operation.ts';
import type { ArmSpec, Rollout } from '../../src/core/rollout.ts';
import { RouteTable } from '../../src/route/match-route.ts';
import { planTargets, type Plan, type Routing } from '../../src/route/plan-targets.ts';
import { rollout } from '../rollout/fixtures.ts';
import { call, facts, route } from './fixtures.ts';

const PROMPTS = new Map([['support', new Map([['v7', { name: 'support', version: 'v7', system: 'Be kind.' }]])]]);

/** `claude` speaks Anthropic only, every other provider OpenAI only. */
function routing(
  routes: readonly RouteConfig[],
  rollouts: readonly Rollout[] = [],
  passthroughProvider: string | null = null,
): Routing {
  return {
    routes: new RouteTable(routes),
    rollouts,
    holdout: null,
    prompts: PROMPTS,
    passthroughProvider,
    load: () => ({ isOut: false, outstanding: 0, latency: null, waitingFor: 0 }),
    random: () => 0,
    speaks: (provider, operation) => (provider === 'claude') === (protocolOf(operation) === 'anthropic'),
  };
}

function canary(arm: Partial<ArmSpec>): Rollout {
  const made = rollout({}, { weight: 100 });
  const [stable, second] = made.spec.arms;
  return { ...made, spec: { ...made.spec, arms: [stable!, { ...second!, ...arm }] } };
}

function plan(
  from: Routing,
  text = '{"model":"chat-fast"}',
  operation: 'chat' | 'messages' | 'count_tokens' = 'chat',
): Plan {
  return planTargets(from, operation, call(text), facts());
}

function refusal(step: () => unknown): GatewayError {
  try {
    step();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('not refused');
}

const codeOf = (step: () => unknown): string => refusal(step).code;

const places = ({ targets }: Plan): string[] => targets.map(({ target }) => `${target.provider}/${target.model}`);

describe('a plan', () => {
  it('tries the target of the route, then its fallbacks in order', () => {
    const made = plan(routing([route('chat-fast', 'sim/v1', ['sim/v0', 'openai/gpt'])]));
    expect(places(made)).toEqual(['sim/v1', 'sim/v0', 'openai/gpt']);
    expect(made.assignment).toBeNull();
    expect(made.targets.map(({ changes }) => changes.model)).toEqual(['v1', 'v0', 'gpt']);
  });

  it('leaves out fallbacks of another protocol and the first target itself', () => {
    expect(places(plan(routing([route('chat-fast', 'sim/v1', ['claude/c', 'sim/v1', 'sim/v0'])])))).toEqual([
      'sim/v1',
      'sim/v0',
    ]);
  });

  it('begins at the target of the assigned arm and keeps the fallbacks', () => {
    const made = plan(
      routing(
        [route('chat-fast', 'sim/v1', ['sim/v2', 'sim/v0'])],
        [canary({ target: { provider: 'sim', model: 'v2' } })],
      ),
    );
    expect(places(made)).toEqual(['sim/v2', 'sim/v0']);
    expect(made.assignment?.arm.name).toBe('canary');
  });

  it("sends the arm's parameters and prompt to every target", () => {
    const arm = { target: null, params: { temperature: 0.2 }, prompt: { name: 'support', version: 'v7' } };
    const made = plan(routing([route('chat-fast', 'sim/v1', ['sim/v0'])], [canary(arm)]));
    expect(made.targets.map(({ changes }) => [changes.params, changes.system])).toEqual([
      [{ temperature: 0.2 }, 'Be kind.'],
      [{ temperature: 0.2 }, 'Be kind.'],
    ]);
  });

  it('keeps the name that was asked for where the route does, and labels it with the glob', () => {
    const made = plan(routing([route('gpt-*', 'openai')]), '{"model":"gpt-secret"}');
    expect(made.targets).toMatchObject([{ model: 'gpt-secret', label: 'gpt-*', changes: { model: null } }]);
  });

  it('changes no model that already has the upstream name', () => {
    expect(plan(routing([route('v1', 'sim/v1')]), '{"model":"v1"}').targets[0]?.changes.model).toBeNull();
  });

  it('sends calls without a model where unknown paths go, outside every rollout', () => {
    const made = plan(routing([], [canary({})], 'openai'), '{"input":"x"}');
    expect(made).toMatchObject({
      route: { name: 'other' },
      assignment: null,
      targets: [{ target: { provider: 'openai' }, model: null, label: 'other' }],
    });
  });

  it('refuses what it cannot serve', () => {
    const claude = routing([route('chat-fast', 'claude/c')]);
    const openai = routing([route('chat-fast', 'sim/v1')]);
    expect(codeOf(() => plan(openai, '{"model":"nope"}'))).toBe('model_not_found');
    expect(codeOf(() => plan(openai, '{}'))).toBe('invalid_request');
    expect(codeOf(() => plan(claude))).toBe('protocol_mismatch');
    expect(codeOf(() => plan(openai, undefined, 'messages'))).toBe('protocol_mismatch');
    expect(codeOf(() => plan(openai, undefined, 'count_tokens'))).toBe('not_found');
  });

  it('quotes an unknown name bounded and without characters that a terminal would act on', () => {
    const hostile = JSON.stringify({ model: `\u001b[31m\u202e${'x'.repeat(500)}` });
    const { message } = refusal(() => plan(routing([]), hostile));
    expect(message).toMatch(/^[\x20-\x7e]+$/);
    expect(message.length).toBeLessThan(200);
  });
});
