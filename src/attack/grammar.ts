import { WORD_CLASSES, type WordClass } from './vocabulary.ts';

/** What several words together stand for; parts of other rules. */
const GROUPS = [
  'setAside',
  'priorRules',
  'yourRules',
  'givenRules',
  'giverRules',
  'secretRules',
  'textAbove',
  'yourPrompt',
  'limitless',
  'givenText',
  'secretText',
] as const;

/** What is found in a text, and weighed by `weights.ts`. */
export const SIGNALS = [
  'overridePrior',
  'overrideOwn',
  'overrideGiven',
  'overrideGiver',
  'overrideSystem',
  'overrideRules',
  'overrideTold',
  'overrideAbove',
  'lapsedPrior',
  'lapsed',
  'newRules',
  'extractSystem',
  'extractPrompt',
  'extractRules',
  'extractGiver',
  'extractAbove',
  'extractBefore',
  'extractHidden',
  'askedRules',
  'askedGiver',
  'verbatim',
  'unlimitedPersona',
  'unlimitedAi',
  'unlimited',
  'nowYou',
  'boss',
  'puppetry',
  'encoded',
  'addressedAi',
  /** "Assistant:" at the beginning of what a tool says. */
  'calledAi',
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
  /** The following ones only where they stand near what was found. */
  'mention',
  'manyMentions',
  'task',
  'manyTasks',
  'asking',
  /** Rules of the one who speaks: "my instructions". */
  'ownRules',
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
  { of: ['override'], within: 0, makes: 'setAside' },
  { of: ['release', 'obey'], within: 12, makes: 'setAside' },
  { of: ['prior', 'rules'], within: 12, makes: 'priorRules' },
  { of: ['your', 'rules'], within: 12, makes: 'yourRules', isOrdered: true },
  { of: ['given', 'rules'], within: 20, makes: 'givenRules' },
  { of: ['giver', 'rules'], within: 12, makes: 'giverRules' },
  { of: ['secret', 'rules'], within: 12, makes: 'secretRules' },
  { of: ['text', 'above'], within: 16, makes: 'textAbove' },
  { of: ['given', 'text'], within: 14, makes: 'givenText' },
  { of: ['secret', 'text'], within: 16, makes: 'secretText' },
  { of: ['your', 'systemPrompt'], within: 10, makes: 'yourPrompt', isOrdered: true },
  { of: ['your', 'promptWord'], within: 10, makes: 'yourPrompt', isOrdered: true },
  { of: ['given', 'systemPrompt'], within: 16, makes: 'yourPrompt' },
  { of: ['given', 'promptWord'], within: 16, makes: 'yourPrompt' },
  { of: ['setAside', 'priorRules'], within: 14, makes: 'overridePrior' },
  { of: ['setAside', 'yourRules'], within: 14, makes: 'overrideOwn' },
  { of: ['setAside', 'yourPrompt'], within: 14, makes: 'overrideOwn' },
  { of: ['setAside', 'givenRules'], within: 20, makes: 'overrideGiven' },
  { of: ['setAside', 'giverRules'], within: 14, makes: 'overrideGiver' },
  { of: ['setAside', 'systemPrompt'], within: 20, makes: 'overrideSystem' },
  { of: ['setAside', 'rules'], within: 12, makes: 'overrideRules' },
  { of: ['setAside', 'told'], within: 16, makes: 'overrideTold' },
  { of: ['setAside', 'given'], within: 24, makes: 'overrideTold' },
  { of: ['setAside', 'beforeMe'], within: 24, makes: 'overrideAbove' },
  { of: ['setAside', 'rules', 'beforeMe'], within: 40, makes: 'overridePrior' },
  { of: ['setAside', 'textAbove'], within: 16, makes: 'overrideAbove' },
  { of: ['priorRules', 'void'], within: 24, makes: 'lapsedPrior' },
  { of: ['yourRules', 'void'], within: 24, makes: 'lapsed' },
  { of: ['yourPrompt', 'void'], within: 24, makes: 'lapsed' },
  { of: ['givenRules', 'void'], within: 40, makes: 'lapsed' },
  { of: ['giverRules', 'void'], within: 24, makes: 'lapsed' },
  { of: ['systemPrompt', 'void'], within: 24, makes: 'lapsed' },
  { of: ['given', 'void'], within: 50, makes: 'lapsed' },
  { of: ['textAbove', 'void'], within: 24, makes: 'lapsedPrior' },
  { of: ['newRules'], within: 0, makes: 'newRules' },
  { of: ['reveal', 'systemPrompt'], within: 30, makes: 'extractPrompt' },
  { of: ['repeat', 'systemPrompt'], within: 30, makes: 'extractPrompt' },
  { of: ['reveal', 'yourPrompt'], within: 30, makes: 'extractSystem' },
  { of: ['repeat', 'yourPrompt'], within: 30, makes: 'extractSystem' },
  { of: ['what', 'yourPrompt'], within: 24, makes: 'extractSystem' },
  { of: ['reveal', 'yourRules'], within: 20, makes: 'extractRules' },
  { of: ['repeat', 'yourRules'], within: 20, makes: 'extractRules' },
  { of: ['reveal', 'givenRules'], within: 30, makes: 'extractRules' },
  { of: ['reveal', 'secretRules'], within: 20, makes: 'extractRules' },
  { of: ['reveal', 'giverRules'], within: 20, makes: 'extractGiver' },
  { of: ['what', 'yourRules'], within: 12, makes: 'askedRules' },
  { of: ['what', 'givenRules'], within: 30, makes: 'askedRules' },
  { of: ['what', 'giver', 'given'], within: 40, makes: 'askedGiver' },
  { of: ['reveal', 'giver', 'given'], within: 40, makes: 'askedGiver' },
  { of: ['repeat', 'textAbove'], within: 16, makes: 'extractAbove' },
  { of: ['reveal', 'beforeMe'], within: 40, makes: 'extractBefore' },
  { of: ['repeat', 'beforeMe'], within: 40, makes: 'extractBefore' },
  { of: ['what', 'beforeMe'], within: 40, makes: 'extractBefore' },
  { of: ['reveal', 'secretText'], within: 20, makes: 'extractHidden' },
  { of: ['repeat', 'givenText'], within: 20, makes: 'askedGiver' },
  { of: ['reveal', 'givenText'], within: 30, makes: 'askedGiver' },
  { of: ['what', 'givenText'], within: 30, makes: 'askedGiver' },
  { of: ['given', 'beforeMe'], within: 40, makes: 'extractBefore' },
  { of: ['verbatim', 'yourRules'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'givenRules'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'yourPrompt'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'systemPrompt'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'textAbove'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'beforeMe'], within: 40, makes: 'verbatim' },
  { of: ['verbatim', 'given'], within: 40, makes: 'verbatim' },
  { of: ['without', 'limits'], within: 12, makes: 'limitless' },
  { of: ['unlimited'], within: 0, makes: 'limitless' },
  { of: ['persona', 'limitless'], within: 60, makes: 'unlimitedPersona' },
  { of: ['nowYou', 'limitless'], within: 80, makes: 'unlimitedPersona' },
  { of: ['devMode', 'limitless'], within: 80, makes: 'unlimitedPersona' },
  { of: ['persona', 'ai', 'limitless'], within: 60, makes: 'unlimitedAi' },
  { of: ['limitless'], within: 0, makes: 'unlimited' },
  { of: ['mine', 'rules'], within: 4, makes: 'ownRules', isOrdered: true },
  { of: ['mine', 'given'], within: 4, makes: 'ownRules' },
  { of: ['nowYou'], within: 0, makes: 'nowYou' },
  { of: ['boss'], within: 0, makes: 'boss' },
  { of: ['endRules'], within: 0, makes: 'template' },
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
export const FAMILIES: readonly (readonly number[])[] = (
  [
    [
      'overridePrior',
      'overrideOwn',
      'overrideGiven',
      'overrideGiver',
      'overrideSystem',
      'overrideTold',
      'overrideAbove',
      'lapsed',
      'newRules',
    ],
    [
      'extractSystem',
      'extractRules',
      'extractGiver',
      'extractAbove',
      'extractBefore',
      'extractHidden',
      'askedRules',
      'askedGiver',
      'verbatim',
    ],
    ['unlimitedPersona', 'unlimitedAi', 'nowYou'],
    ['boss'],
    ['template'],
    ['puppetry'],
    ['encoded', 'payload'],
    ['addressedAi', 'calledAi', 'ifAi', 'conceal'],
  ] as const
).map((names) => names.map((name: Signal) => SIGNAL[name]));
/** Say something of an attack that was found, nothing by themselves. */
export const FIRST_MODIFIER: number = SIGNAL.disguised;
/** What was taken for one of these may turn out to be no order at all. */
export const LAST_OVERRIDE: number = SIGNAL.overrideAbove;
