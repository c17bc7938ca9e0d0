/** The types of CEL that variables have. Whole numbers are JavaScript's own, which are exact up to 2^53. */
export type VariableType =
  | 'string'
  | 'int'
  | 'double'
  | 'bool'
  | 'list<string>'
  | 'map<string, string>'
  | 'map<string, int>';

interface Variable {
  readonly type: VariableType;
  readonly about: string;
}

const string = (about: string) => ({ type: 'string', about }) as const;
const int = (about: string) => ({ type: 'int', about }) as const;
const double = (about: string) => ({ type: 'double', about }) as const;
const bool = (about: string) => ({ type: 'bool', about }) as const;
const strings = (about: string) => ({ type: 'list<string>', about }) as const;
const texts = (about: string) => ({ type: 'map<string, string>', about }) as const;
const counts = (about: string) => ({ type: 'map<string, int>', about }) as const;

/** Every variable of a policy's condition. The table of `docs/policies.md` is generated from it. */
export const VARIABLES = {
  'request.model': string('The model name that the app asked for; "" where it names none.'),
  'request.operation': string(
    '`chat`, `text_completion`, `responses`, `embeddings`, `moderations`, `messages` or `count_tokens`.',
  ),
  'request.protocol': string('`openai` or `anthropic`.'),
  'request.stream': bool('The app asked for a stream.'),
  'request.user': string('The body\'s `user`, or Anthropic\'s `metadata.user_id`; "" without one.'),
  'request.max_tokens': int(
    'The largest of `max_tokens`, `max_completion_tokens` and `max_output_tokens`; 0 where none is given, the largest number where it is none.',
  ),
  'request.temperature': double("The body's `temperature`; 1 where none is given."),
  'request.choices': int('How many replies it asks for: `n`, for each prompt.'),
  'request.tools': strings('The names of the tools that it brings; a tool without a name stands by its type.'),
  'request.messages': int('The number of messages, or of input items; 1 for a single text.'),
  'request.images': int('The number of pictures in it.'),
  'request.has_system': bool('It has a system or developer prompt.'),
  'request.input_tokens': int('An estimate: a quarter of the characters of its texts. Media count as nothing.'),
  'request.bytes': int('The size of the body as it came.'),
  'key.name': string("The name of the caller's key; `anonymous` without one."),
  'key.anonymous': bool('The caller has no key.'),
  'key.id': string('`key_…` of a stored key, `config:NAME` of one of the configuration, `anonymous` without one.'),
  'key.team': string('Its team; without one what its metadata has as `team`, else "".'),
  'key.owner': string('Its `owner`; without one what its metadata has as `owner`, else "".'),
  'key.metadata': texts('The key\'s own metadata; a name that it lacks reads as "".'),
  metadata: texts(
    'The request\'s metadata: of the body, over it the `x-sluice-metadata` header, over both the key\'s own. A name that is missing reads as "".',
  ),
  'time.hour': int('0 to 23, in UTC as all of these.'),
  'time.weekday': int('0 is Sunday, 6 is Saturday.'),
  'time.date': string('`2026-11-21`.'),
  'time.unix': int('Seconds since 1970.'),
  'attack.score': double('How much the prompt looks like an attack, 0 to 1; 0 while no detector is on.'),
  'redaction.findings': int('How many values redaction found in the request, whatever became of them.'),
  'redaction.rules': counts('The same by rule, e.g. `redaction.rules["secret.github_pat"]`; 0 for any other name.'),
  'redaction.categories': counts('The same by category, e.g. `redaction.categories["emails"]`.'),
  'target.provider': string("The provider's name in the configuration."),
  'target.model': string("The model's name at the provider."),
  'response.finish_reason': string('As the provider says it: `stop`, `length`, `end_turn` and so on.'),
  'response.language': string('ISO 639-1, detected at the beginning of the text; "" where it is not known.'),
  'response.bytes': int('The size of the reply as it came.'),
  'response.output_tokens': int('As the provider counts; 0 where it does not say.'),
  'response.refusal': bool('The model declined, or a filter stepped in.'),
} as const satisfies Record<string, Variable>;

export type VariablePath = keyof typeof VARIABLES;

export const VARIABLE_PATHS = Object.keys(VARIABLES) as readonly VariablePath[];

/** `request` of `request.model`. */
export function namespaceOf(path: VariablePath): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/**
 * When a rule can be judged: before the call is routed, when its secrets are known, for each target that might serve it,
 * or when the reply is there. Each knows what those before it knew.
 */
export const MOMENTS = ['request', 'redaction', 'target', 'reply'] as const;
export type Moment = (typeof MOMENTS)[number];

const MOMENT_OF: Readonly<Record<string, Moment>> = { redaction: 'redaction', target: 'target', response: 'reply' };

/** The first moment at which all that is read is known. */
export function momentOf(reads: Iterable<VariablePath>): Moment {
  let latest = 0;
  for (const path of reads) latest = Math.max(latest, MOMENTS.indexOf(MOMENT_OF[namespaceOf(path)] ?? 'request'));
  return MOMENTS[latest]!;
}
