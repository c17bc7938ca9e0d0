import { describe, expect, it } from 'vitest';
import type { Reasoning } from '../../../src/translate/conversation.ts';
import { call, functionTool, message, result, write } from './support.ts';

const BUDGET_MODEL = 'claude-sonnet-4-5';
const BOTH_MODEL = 'claude-opus-4-6';
const NEW_MODEL = 'claude-opus-5';
const ALWAYS_MODEL = 'claude-fable-5-1';

function reasoning(over: Partial<Reasoning>): Reasoning {
  return { mode: 'on', effort: null, budgetTokens: null, summary: null, ...over };
}

function thinkingOf(over: Partial<Reasoning>, model: string, maxTokens: number | null = null): unknown[] {
  const { body, approximated } = write({ reasoning: reasoning(over), sampling: { maxTokens } }, model);
  return [
    body['thinking'] ?? null,
    (body['output_config'] as { effort?: string } | undefined)?.effort ?? null,
    approximated,
  ];
}

const TOLD = ['the_reasoning'];

describe('thinking at Anthropic', () => {
  it.each([
    [{ effort: 'low' }, 'claude-opus-4-7', [{ type: 'adaptive' }, 'low', []]],
    [{ effort: 'high' }, NEW_MODEL, [{ type: 'adaptive' }, 'high', []]],
    [{ effort: 'minimal' }, NEW_MODEL, [{ type: 'adaptive' }, 'low', TOLD]],
    [{ effort: 'xhigh' }, BOTH_MODEL, [{ type: 'adaptive' }, 'high', TOLD]],
    [{ effort: 'max' }, BOTH_MODEL, [{ type: 'adaptive' }, 'max', []]],
    [{ mode: 'adaptive' }, BOTH_MODEL, [{ type: 'adaptive' }, null, []]],
    [{ effort: 'low', summary: 'detailed' }, NEW_MODEL, [{ type: 'adaptive', display: 'summarized' }, 'low', []]],
    [{ mode: 'adaptive', summary: 'none' }, NEW_MODEL, [{ type: 'adaptive', display: 'omitted' }, null, []]],
  ] as const)('is as much as the model likes, by effort: %j at %s', (over, model, expected) => {
    expect(thinkingOf(over, model)).toEqual(expected);
  });

  it.each([
    [{ budgetTokens: 4000 }, BUDGET_MODEL, null, 4000, []],
    [{ budgetTokens: 4000 }, BOTH_MODEL, null, 4000, []],
    [{ budgetTokens: 100 }, BUDGET_MODEL, null, 1024, TOLD],
    [{ budgetTokens: 9000 }, BUDGET_MODEL, 5000, 4999, TOLD],
    [{ effort: 'medium' }, BUDGET_MODEL, null, 8192, TOLD],
    [{ effort: 'high' }, BUDGET_MODEL, 10_000, 8000, TOLD],
    [{ mode: 'adaptive' }, BUDGET_MODEL, null, 8192, TOLD],
    [{ effort: 'odd' }, BUDGET_MODEL, null, 8192, TOLD],
  ] as const)(
    'has a budget below the tokens of the reply: %j at %s with %s',
    (over, model, maxTokens, budget, told) => {
      expect(thinkingOf(over, model, maxTokens)).toEqual([{ type: 'enabled', budget_tokens: budget }, null, told]);
    },
  );

  it('has a budget beside an effort where the model knows both', () => {
    expect(thinkingOf({ effort: 'high' }, 'claude-opus-4-5')).toEqual([
      { type: 'enabled', budget_tokens: 16_384 },
      'high',
      TOLD,
    ]);
  });

  it('has an effort for a budget where the model knows no budgets', () => {
    expect(thinkingOf({ budgetTokens: 10_000 }, NEW_MODEL)).toEqual([{ type: 'adaptive' }, 'medium', TOLD]);
    expect(thinkingOf({ budgetTokens: 1024 }, NEW_MODEL)).toEqual([{ type: 'adaptive' }, 'low', TOLD]);
  });

  it('is left out where the model cannot, or the reply is too short for the least budget', () => {
    expect(thinkingOf({ effort: 'high' }, 'claude-3-5-sonnet-latest')).toEqual([null, null, TOLD]);
    expect(thinkingOf({ effort: 'high' }, BUDGET_MODEL, 1024)).toEqual([null, null, TOLD]);
  });

  it.each([
    [BUDGET_MODEL, [null, null, []]],
    [NEW_MODEL, [{ type: 'disabled' }, null, []]],
    ['claude-sonnet-5-5', [{ type: 'between_tools' }, null, TOLD]],
    [ALWAYS_MODEL, [null, 'low', TOLD]],
    ['claude-opus-4-8', [null, null, []]],
  ])('is off at %s as far as that can', (model, expected) => {
    expect(thinkingOf({ mode: 'off', effort: 'none' }, model)).toEqual(expected);
  });

  it('that is off leaves no more than high effort', () => {
    expect(thinkingOf({ mode: 'off', effort: 'max' }, NEW_MODEL)).toEqual([{ type: 'disabled' }, 'high', TOLD]);
  });

  it('is left out where a tool is forced, if the model cannot do both', () => {
    const forced = {
      tools: [functionTool('f')],
      toolChoice: { kind: 'required' } as const,
      reasoning: reasoning({ effort: 'high' }),
    };
    expect(write(forced, BUDGET_MODEL)).toMatchObject({ approximated: TOLD });
    expect(write(forced, BUDGET_MODEL).body).not.toHaveProperty('thinking');
    expect(write(forced, NEW_MODEL).body).toMatchObject({
      thinking: { type: 'adaptive' },
      tool_choice: { type: 'any' },
    });
  });

  it('leaves chance to the model', () => {
    const sampling = { temperature: 0.3, topP: 0.97, topK: 5 };
    const { body, approximated } = write({ reasoning: reasoning({ budgetTokens: 2000 }), sampling }, BUDGET_MODEL);
    expect(body).toMatchObject({ top_p: 0.97 });
    expect(body).not.toHaveProperty('temperature');
    expect(approximated).toEqual(['the_temperature', 'the_topK']);
  });

  it('with a budget is left out where the last calls came from another vendor, whose thoughts Anthropic does not take', () => {
    const messages = (...thoughts: Parameters<typeof message>[1][]): ReturnType<typeof message>[] => [
      message('user', 'a'),
      message('assistant', ...thoughts, call('c', 'f')),
      message('user', result('c', 'x')),
    ];
    const common = { tools: [functionTool('f')], reasoning: reasoning({ budgetTokens: 2000 }) };
    const own = { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's' }, id: null } as const;
    const other = { ...own, signature: { wire: 'gemini', value: 's' } } as const;
    expect(write({ ...common, messages: messages(own) }, BUDGET_MODEL).body).toHaveProperty('thinking');
    const { body, approximated } = write({ ...common, messages: messages(other) }, BUDGET_MODEL);
    expect(body).not.toHaveProperty('thinking');
    expect(approximated).toEqual(['messages[assistant] (thinking)', 'the_reasoning']);
    const adaptive = { ...common, reasoning: reasoning({ effort: 'high' }), messages: messages(other) };
    expect(write(adaptive, NEW_MODEL).body).toMatchObject({ thinking: { type: 'adaptive' } });
  });
});
