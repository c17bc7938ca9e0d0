/** What a phrase stands for in the grammar of `grammar.ts`. */
export const WORD_CLASSES = [
  /** To set aside: "ignore". */
  'override',
  /** A word of `override` that sets nothing aside after all: "ignored", 無視しない. */
  'heed',
  /** Right before a word of `override` or `reveal`: "never". */
  'not',
  /** What came before: "previous". */
  'prior',
  /** What a model is told: "instructions". */
  'rules',
  /** Of the one who is addressed: "your". */
  'your',
  /** "everything you were told". */
  'told',
  /** "no longer apply". */
  'void',
  /** To act as told: "obey". */
  'obey',
  /** Before `obey`, to take it off somebody: "you need not". */
  'release',
  /** What somebody does who tells a model what to do, and whom: "you were given". */
  'given',
  /** Who tells a model what to do: "your developers". */
  'giver',
  /** "before my first message". */
  'beforeMe',
  /** "new instructions". */
  'newRules',
  /** To make known: "show". */
  'reveal',
  /** To say word for word: "repeat". */
  'repeat',
  /** "what are". */
  'what',
  'systemPrompt',
  /** What is a system prompt only where it is somebody's: "prompt", "context". */
  'promptWord',
  /** "word for word". */
  'verbatim',
  /** Not meant to be read: "hidden". */
  'secret',
  /** What stands in a conversation: "text", "everything". */
  'text',
  /** Where: "above". */
  'above',
  /** "from now on you are". */
  'nowYou',
  /** "pretend to be". */
  'persona',
  /** "no restrictions". */
  'unlimited',
  /** "without any". */
  'without',
  /** What holds a model back: "restrictions", "conscience". */
  'limits',
  /** "developer mode". */
  'devMode',
  /** "I am your developer". */
  'boss',
  /** A made-up border of what the app says: "end of instructions". */
  'endRules',
  /** "execute". */
  'execute',
  'decode',
  'cipher',
  /** "AI assistants". */
  'ai',
  /** "reading this". */
  'reading',
  /** "if you are a language model". */
  'ifAi',
  /** "do not tell the user". */
  'conceal',
  /** Fields of a made-up policy: "blocked responses". */
  'puppet',
  /** Of the one who speaks: "my". */
  'mine',
  /** From here on: what may take the edge off. Talk about attacks: "prompt injection". */
  'mention',
  /** A question about something, at its beginning: "how do I". */
  'asking',
  /** Work on a text or on a program: "translate", "function". */
  'task',
] as const;
export type WordClass = (typeof WORD_CLASSES)[number];

/**
 * The phrases of a language, separated by commas: `ignor*` is the beginning of a word, any other a whole word or several.
 * In scripts that put no spaces between words a phrase is found wherever it stands.
 */
export type Vocabulary = { readonly [Name in WordClass]?: string };
