import type { JsonValue } from '../../core/rollout.ts';
import type { Reasoning } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { familyOf, thinksAdaptively } from './model.ts';

interface WrittenReasoning {
  /** For `additionalModelRequestFields`. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** For `outputConfig`. */
  readonly effort: string | null;
}

const NOTHING: WrittenReasoning = { fields: {}, effort: null };
const MIN_BUDGET = 1024;
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: MIN_BUDGET,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/** Each family of models has its own fields for it. @throws GatewayError where a family has none */
export function writeReasoning(
  reasoning: Reasoning,
  model: string,
  maxTokens: number | null,
  notes: Notes,
): WrittenReasoning {
  const { effort } = reasoning;
  if (effort !== null && effort !== 'none' && !Object.hasOwn(BUDGETS, effort)) {
    throw notes.refusal('reasoning', 'use low, medium or high');
  }
  const isOff = reasoning.mode === 'off' || effort === 'none';
  switch (familyOf(model)) {
    case 'anthropic':
      if (isOff) return NOTHING;
      return thinksAdaptively(model) ? adaptive(reasoning, notes) : budgeted(reasoning, maxTokens, notes);
    case 'openai':
      return oneOfThree('reasoning_effort', isOff ? 'none' : (effort ?? 'medium'), notes);
    case 'nova':
      if (isOff) return NOTHING;
      return nova(effort ?? 'medium', notes);
    default:
      if (isOff) return NOTHING;
      throw notes.refusal('reasoning');
  }
}

function adaptive({ effort, budgetTokens, summary, mode }: Reasoning, notes: Notes): WrittenReasoning {
  const display =
    summary === null ? {} : { display: summary === 'none' || summary === 'omitted' ? 'omitted' : 'summarized' };
  if (budgetTokens !== null && mode !== 'adaptive') notes.approximate('reasoning');
  if (effort === 'minimal') notes.approximate('reasoning');
  return { fields: { thinking: { type: 'adaptive', ...display } }, effort: effort === 'minimal' ? 'low' : effort };
}

/** A budget must leave room for the answer. */
function budgeted({ effort, budgetTokens }: Reasoning, maxTokens: number | null, notes: Notes): WrittenReasoning {
  if (budgetTokens !== null) return { fields: { thinking: enabled(budgetTokens) }, effort: null };
  notes.approximate('reasoning');
  const budget = Math.min(BUDGETS[effort ?? 'medium']!, maxTokens === null ? Infinity : Math.floor(maxTokens / 2));
  return budget < MIN_BUDGET ? NOTHING : { fields: { thinking: enabled(budget) }, effort: null };
}

function enabled(budget: number): JsonValue {
  return { type: 'enabled', budget_tokens: budget };
}

function oneOfThree(field: string, effort: string, notes: Notes): WrittenReasoning {
  const level = nearestOfThree(effort);
  if (level !== effort) notes.approximate('reasoning');
  return { fields: { [field]: level }, effort: null };
}

function nova(effort: string, notes: Notes): WrittenReasoning {
  const level = nearestOfThree(effort);
  if (level !== effort) notes.approximate('reasoning');
  return { fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: level } }, effort: null };
}

function nearestOfThree(effort: string): string {
  if (effort === 'none' || effort === 'minimal') return 'low';
  return effort === 'xhigh' || effort === 'max' ? 'high' : effort;
}
