/**
 * What Anthropic's models take, as of 2026-11-21.
 * @source https://platform.claude.com/docs/en/models/overview, https://platform.claude.com/docs/en/build-with-claude/effort,
 * https://platform.claude.com/docs/en/build-with-claude/thinking and the migration guides of the models
 */
export interface ModelFacts {
  /** Tokens that a reply may have, thinking included. */
  readonly maxOutput: number;
  /** `budget`: with a number of tokens; `adaptive`: as much as it likes, more or less by effort; `both`: either. */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive';
  /** What is sent so that it does not think: nothing, since it does not by itself; a type; null: it always thinks. */
  readonly off: 'omit' | 'disabled' | 'between_tools' | null;
  /** Efforts that it knows, from the least to the most. */
  readonly efforts: readonly Effort[];
  /** Which of temperature and top_p may differ from their defaults: both, one of them, or neither. */
  readonly sampling: 'both' | 'either' | 'neither';
  /** Whether a tool may be forced: also while it thinks, only while it does not, or never. */
  readonly forcedTools: 'always' | 'without_thinking' | 'never';
  /** Whether schemas of tools can be guaranteed (`strict`). */
  readonly strictTools: boolean;
}

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

const NO_EFFORT: readonly Effort[] = [];
const UP_TO_HIGH: readonly Effort[] = ['low', 'medium', 'high'];
const WITHOUT_XHIGH: readonly Effort[] = ['low', 'medium', 'high', 'max'];

/** Claude 3 and 3.5. */
const PLAIN: Omit<ModelFacts, 'maxOutput'> = {
  thinking: 'none',
  off: 'omit',
  efforts: NO_EFFORT,
  sampling: 'both',
  forcedTools: 'always',
  strictTools: false,
};
/** Claude 3.7 to 4.1. */
const BUDGET: Omit<ModelFacts, 'maxOutput'> = { ...PLAIN, thinking: 'budget', forcedTools: 'without_thinking' };
/** Claude 4.5. */
const STRICT_BUDGET: ModelFacts = { ...BUDGET, maxOutput: 64_000, sampling: 'either', strictTools: true };
/** Claude 4.6. */
const BOTH: ModelFacts = { ...STRICT_BUDGET, maxOutput: 128_000, thinking: 'both', efforts: WITHOUT_XHIGH };
/** Claude 4.7 and 4.8. */
const ADAPTIVE: ModelFacts = { ...BOTH, thinking: 'adaptive', efforts: EFFORTS, sampling: 'neither' };
/** Claude 5. */
const THINKING: ModelFacts = { ...ADAPTIVE, off: 'disabled', forcedTools: 'always' };
const ALWAYS_THINKING: ModelFacts = { ...THINKING, off: null };
const NEVER_FORCED: ModelFacts = { ...ALWAYS_THINKING, forcedTools: 'never' };

/** By the name without date; longer names first. */
const MODELS: readonly (readonly [name: string, facts: ModelFacts])[] = [
  ['claude-fable-5-2', NEVER_FORCED],
  ['claude-fable-5-1', NEVER_FORCED],
  ['claude-fable-5', ALWAYS_THINKING],
  ['claude-mythos-5-2', NEVER_FORCED],
  ['claude-mythos-5-1', NEVER_FORCED],
  ['claude-mythos-5', ALWAYS_THINKING],
  ['claude-opus-5-5', NEVER_FORCED],
  ['claude-opus-5', THINKING],
  ['claude-opus-4-8', { ...ADAPTIVE, forcedTools: 'always' }],
  ['claude-opus-4-7', ADAPTIVE],
  ['claude-opus-4-6', BOTH],
  ['claude-opus-4-5', { ...STRICT_BUDGET, efforts: UP_TO_HIGH }],
  ['claude-opus-4-1', { ...STRICT_BUDGET, maxOutput: 32_000 }],
  ['claude-opus-4', { ...BUDGET, maxOutput: 32_000 }],
  ['claude-sonnet-5-5', { ...THINKING, off: 'between_tools', forcedTools: 'never' }],
  ['claude-sonnet-5', THINKING],
  ['claude-sonnet-4-6', BOTH],
  ['claude-sonnet-4-5', STRICT_BUDGET],
  ['claude-sonnet-4', { ...BUDGET, maxOutput: 64_000 }],
  ['claude-haiku-5-5', THINKING],
  ['claude-haiku-4-5', STRICT_BUDGET],
  ['claude-3-7-sonnet', { ...BUDGET, maxOutput: 64_000 }],
  ['claude-3-5-sonnet', { ...PLAIN, maxOutput: 8192 }],
  ['claude-3-5-haiku', { ...PLAIN, maxOutput: 8192 }],
  ['claude-3-opus', { ...PLAIN, maxOutput: 4096 }],
  ['claude-3-sonnet', { ...PLAIN, maxOutput: 4096 }],
  ['claude-3-haiku', { ...PLAIN, maxOutput: 4096 }],
];

/** A date, a version of a cloud, `-0`, `-latest`: not another number, which would be another model. */
const SUFFIX = /^(?:$|[@:[]|-(?:\d{6,}|0$|latest|v\d))/;

/** Null: not known. Clouds put vendor and region before the name. */
export function modelFacts(model: string): ModelFacts | null {
  const start = model.indexOf('claude-');
  if (start < 0) return null;
  for (const [name, facts] of MODELS) {
    if (model.startsWith(name, start) && SUFFIX.test(model.slice(start + name.length))) return facts;
  }
  return null;
}
