import { WORD_CLASSES, type WordClass } from './vocabulary.ts';

/** What several words together stand for; parts of other rules. */
const GROUPS = ['priorRules', 'yourRules', 'secretRules', 'textAbove'] as const;

/** What is found in a text, and weighed by `weights.ts`. */
export const SIGNALS = [
  'overridePrior',
  'overrideOwn',
  'overrideRules',
  'overrideTold',
  'lapsed',
  'newRules',
  'extractSystem',
  'extractRules',
  'extractAbove',
  'askedRules',
  'unlimitedPersona',
  'unlimited',
  'nowYou',
  'puppetry',
  'encoded',
  'addressedAi',
  'ifAi',
  'conceal',
  /** Tokens of a chat template, turns of others. */
  'template',
  'manyTemplates',
  /** An attack in base64, hex, rot13 or invisible characters. */
  'payload',
  /** Letters that only look alike, digits for letters, characters without width, in a word that was found. */
  'disguised',
  /** A verb of an attack begins a sentence: it is an order, not a story. */
  'ordered',
  /** Two families or more. */
  'several',
  /** In what a tool answered. */
  'fromTool',
  /** Everything that was found stands between quotation marks or in code. */
  'quoted',
  'mention',
  'manyMentions',
  'task',
] as const;
export type Signal = (typeof SIGNALS)[number];

type Part = WordClass | (typeof GROUPS)[number];
export const PARTS: readonly Part[] = [...WORD_CLASSES, ...GROUPS];

interface Rule {
  readonly of: readonly Part[];
  /** Letters between the first part's end and the last one's beginning; half as many in dense scripts. */
  readonly within: number;
  readonly makes: Part | Signal;
  /** The parts stand in this order: "your rules", not "the rules, and your opinion". */
  readonly isOrdered?: true;
}

/** Mostly in any order: where the verb stands is a matter of the language. */
const RULES: readonly Rule[] = [
  { of: ['prior', 'rules'], within: 12, makes: 'priorRules' },
  { of: ['your', 'rules'], within: 12, makes: 'yourRules', isOrdered: true },
  { of: ['secret', 'rules'], within: 12, makes: 'secretRules' },
  { of: ['text', 'above'], within: 16, makes: 'textAbove' },
  { of: ['override', 'priorRules'], within: 14, makes: 'overridePrior' },
  { of: ['override', 'yourRules'], within: 14, makes: 'overrideOwn' },
  { of: ['override', 'rules'], within: 12, makes: 'overrideRules' },
  { of: ['override', 'told'], within: 16, makes: 'overrideTold' },
  { of: ['priorRules', 'void'], within: 24, makes: 'lapsed' },
  { of: ['yourRules', 'void'], within: 24, makes: 'lapsed' },
  { of: ['newRules'], within: 0, makes: 'newRules' },
  { of: ['reveal', 'systemPrompt'], within: 30, makes: 'extractSystem' },
  { of: ['repeat', 'systemPrompt'], within: 30, makes: 'extractSystem' },
  { of: ['reveal', 'yourRules'], within: 20, makes: 'extractRules' },
  { of: ['what', 'yourRules'], within: 12, makes: 'askedRules' },
  { of: ['reveal', 'secretRules'], within: 20, makes: 'extractRules' },
  { of: ['repeat', 'textAbove'], within: 16, makes: 'extractAbove' },
  { of: ['persona', 'unlimited'], within: 60, makes: 'unlimitedPersona' },
  { of: ['unlimited'], within: 0, makes: 'unlimited' },
  { of: ['nowYou'], within: 0, makes: 'nowYou' },
  { of: ['puppet'], within: 0, makes: 'puppetry' },
  { of: ['decode', 'execute'], within: 120, makes: 'encoded' },
  { of: ['ai', 'reading'], within: 30, makes: 'addressedAi' },
  { of: ['ifAi'], within: 0, makes: 'ifAi' },
  { of: ['conceal'], within: 0, makes: 'conceal' },
];

export const SIGNAL = Object.fromEntries(SIGNALS.map((name, number) => [name, number])) as Record<Signal, number>;
export const PART = Object.fromEntries(PARTS.map((name, number) => [name, number])) as Record<Part, number>;

export interface CompiledRule {
  readonly parts: readonly number[];
  readonly within: number;
  readonly isOrdered: boolean;
  /** A part, or -1. */
  readonly part: number;
  /** A signal, or -1. */
  readonly signal: number;
}

/** Rules by the part that may complete them. */
export const RULES_OF: readonly (readonly CompiledRule[])[] = PARTS.map((part) =>
  RULES.filter(({ of }) => of.includes(part)).map(({ of, within, makes, isOrdered = false }) => ({
    parts: of.map((each) => PART[each]),
    within,
    isOrdered,
    part: GROUPS.includes(makes as (typeof GROUPS)[number]) ? PART[makes as Part] : -1,
    signal: makes in SIGNAL ? SIGNAL[makes as Signal] : -1,
  })),
);

/** Those of one family count once for `several`; modifiers belong to none. */
export const FAMILIES: readonly (readonly number[])[] = [
  (['overridePrior', 'overrideOwn', 'overrideTold', 'lapsed', 'newRules'] as const).map((name) => SIGNAL[name]),
  (['extractSystem', 'extractRules', 'extractAbove', 'askedRules'] as const).map((name) => SIGNAL[name]),
  (['unlimitedPersona', 'nowYou'] as const).map((name) => SIGNAL[name]),
  [SIGNAL.template],
  [SIGNAL.puppetry],
  [SIGNAL.encoded, SIGNAL.payload],
  (['addressedAi', 'ifAi', 'conceal'] as const).map((name) => SIGNAL[name]),
];
/** Say something of an attack that was found, nothing by themselves. */
export const FIRST_MODIFIER: number = SIGNAL.disguised;
