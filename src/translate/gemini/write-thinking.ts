import type { Reasoning } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { generationOf } from './model.ts';

/** Budgets that the vendor's own OpenAI endpoint gives. @source https://ai.google.dev/gemini-api/docs/openai */
const BUDGETS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};
const AS_MUCH_AS_IT_LIKES = -1;

interface ThinkingConfig {
  includeThoughts?: boolean;
  thinkingBudget?: number;
  thinkingLevel?: string;
}

/** @returns null where nothing is to be said */
export function writeThinking(reasoning: Reasoning, model: string, notes: Notes): ThinkingConfig | null {
  const config = { ...writeAmount(reasoning, model, notes), ...writeTelling(reasoning) };
  return Object.keys(config).length === 0 ? null : config;
}

/** A client that set a budget speaks a format that tells thoughts unless asked not to. */
function writeTelling({ mode, summary, budgetTokens }: Reasoning): ThinkingConfig {
  if (mode === 'off') return {};
  if (summary === null) return budgetTokens === null ? {} : { includeThoughts: true };
  return { includeThoughts: summary !== 'none' && summary !== 'omitted' };
}

function writeAmount(reasoning: Reasoning, model: string, notes: Notes): ThinkingConfig {
  const { mode, effort, budgetTokens } = reasoning;
  if ((generationOf(model) ?? 0) >= 3 && budgetTokens === null) return writeLevel(reasoning, model, notes);
  if (mode === 'off') return { thinkingBudget: 0 };
  if (budgetTokens !== null) return { thinkingBudget: budgetTokens };
  if (effort === null) return mode === 'adaptive' ? { thinkingBudget: AS_MUCH_AS_IT_LIKES } : {};
  if (!Object.hasOwn(BUDGETS, effort)) throw notes.refusal('reasoning', 'use low, medium or high');
  notes.approximate('reasoning');
  return { thinkingBudget: BUDGETS[effort]! };
}

/** Models from 3 on cannot be kept from thinking, and the large ones know fewer levels. */
function writeLevel({ mode, effort }: Reasoning, model: string, notes: Notes): ThinkingConfig {
  const wanted = mode === 'off' ? 'none' : effort;
  if (wanted === null) return {};
  if (!Object.hasOwn(BUDGETS, wanted)) throw notes.refusal('reasoning', 'use low, medium or high');
  const level = nearestLevel(wanted, model);
  if (level !== wanted) notes.approximate('reasoning');
  return { thinkingLevel: level };
}

function nearestLevel(effort: string, model: string): string {
  const isPro = model.includes('pro');
  if (effort === 'none' || effort === 'minimal') return isPro ? 'low' : 'minimal';
  if (effort === 'xhigh' || effort === 'max') return 'high';
  return effort === 'medium' && model.includes('gemini-3-pro') ? 'high' : effort;
}
