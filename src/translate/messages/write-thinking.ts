import type { Reasoning } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import type { JsonObject } from '../provider-json.ts';
import { EFFORTS, type Effort, type ModelFacts } from './models.ts';

const MIN_BUDGET = 1024;
const MEDIUM_BUDGET = 8192;
/** What is left for the answer where the budget is ours to choose. */
const BUDGET_SHARE = 0.8;
/** Tokens that stand for an effort at models that know budgets only. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: MIN_BUDGET,
  low: 2048,
  medium: MEDIUM_BUDGET,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};

export interface WrittenThinking {
  readonly thinking: JsonObject | null;
  readonly effort: Effort | null;
}

interface ThinkingLimits {
  readonly maxTokens: number;
  readonly isForced: boolean;
  /** Whether the last turn of the assistant may stand as it is while thinking has a budget. */
  readonly allowsBudget: boolean;
}

const NOTHING: WrittenThinking = { thinking: null, effort: null };

export function writeThinking(
  reasoning: Reasoning | null,
  facts: ModelFacts,
  limits: ThinkingLimits,
  notes: Notes,
): WrittenThinking {
  if (reasoning === null) return NOTHING;
  if (reasoning.mode === 'off') return writeOff(reasoning, facts, notes);
  const effort = writeEffort(reasoning.effort, facts, notes);
  const isBarred = limits.isForced && facts.forcedTools === 'without_thinking';
  if (facts.thinking === 'none' || isBarred) return leftOff(effort, notes);
  if (facts.thinking === 'budget' || (facts.thinking === 'both' && reasoning.budgetTokens !== null)) {
    return writeBudget(reasoning, facts, limits, effort, notes);
  }
  const fromBudget = effort === null ? effortOfBudget(reasoning.budgetTokens, notes) : effort;
  return { thinking: { type: 'adaptive', ...display(reasoning) }, effort: fromBudget };
}

function leftOff(effort: Effort | null, notes: Notes): WrittenThinking {
  notes.approximate('reasoning');
  return { thinking: null, effort };
}

function writeOff({ effort: wanted }: Reasoning, facts: ModelFacts, notes: Notes): WrittenThinking {
  const effort = writeEffort(wanted === 'none' ? null : wanted, facts, notes);
  switch (facts.off) {
    case 'omit':
      return { thinking: null, effort };
    case 'disabled':
      return { thinking: { type: 'disabled' }, effort: atMostHigh(effort, notes) };
    case 'between_tools':
      notes.approximate('reasoning');
      return { thinking: { type: 'between_tools' }, effort };
    default:
      notes.approximate('reasoning');
      return { thinking: null, effort: effort ?? 'low' };
  }
}

/** More effort than that is refused without thinking. */
function atMostHigh(effort: Effort | null, notes: Notes): Effort | null {
  if (effort !== 'xhigh' && effort !== 'max') return effort;
  notes.approximate('reasoning');
  return 'high';
}

function writeBudget(
  reasoning: Reasoning,
  { thinking }: ModelFacts,
  { maxTokens, allowsBudget }: ThinkingLimits,
  effort: Effort | null,
  notes: Notes,
): WrittenThinking {
  if (!allowsBudget || maxTokens <= MIN_BUDGET) return leftOff(effort, notes);
  const { budgetTokens } = reasoning;
  const wanted = budgetTokens ?? BUDGETS[reasoning.effort ?? 'medium'] ?? MEDIUM_BUDGET;
  const most = budgetTokens === null ? Math.floor(maxTokens * BUDGET_SHARE) : maxTokens - 1;
  const budget = Math.max(MIN_BUDGET, Math.min(wanted, most));
  if (budget !== budgetTokens) notes.approximate('reasoning');
  const shown = thinking === 'both' ? display(reasoning) : null;
  return { thinking: { type: 'enabled', budget_tokens: budget, ...shown }, effort };
}

function display({ summary }: Reasoning): JsonObject | null {
  return summary === null ? null : { display: summary === 'none' ? 'omitted' : 'summarized' };
}

/** The nearest that the model knows: the one below, else the least. */
function writeEffort(wanted: string | null, { efforts, thinking }: ModelFacts, notes: Notes): Effort | null {
  const [least] = efforts;
  if (wanted === null || least === undefined) return null;
  const at = EFFORTS.findIndex((each) => each === wanted);
  const nearest = efforts.findLast((each) => EFFORTS.indexOf(each) <= at) ?? least;
  if (nearest !== wanted && thinking !== 'budget') notes.approximate('reasoning');
  return nearest;
}

function effortOfBudget(budgetTokens: number | null, notes: Notes): Effort | null {
  if (budgetTokens === null) return null;
  notes.approximate('reasoning');
  return EFFORTS.findLast((effort) => BUDGETS[effort]! <= budgetTokens) ?? 'low';
}
