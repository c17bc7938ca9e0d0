import type { OutputFormat, Reasoning } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';

const THINKING: ReadonlySet<string> = new Set(['type', 'budget_tokens', 'display']);
const OUTPUT_CONFIG: ReadonlySet<string> = new Set(['effort', 'format']);
const FORMAT: ReadonlySet<string> = new Set(['type', 'schema']);

const MODES: Readonly<Record<string, Reasoning['mode']>> = {
  enabled: 'on',
  adaptive: 'adaptive',
  disabled: 'off',
  // No thinking ahead of the answer: the least that some models can be asked for.
  between_tools: 'off',
};
const SUMMARIES: Readonly<Record<string, string>> = { summarized: 'auto', omitted: 'none' };

/** `thinking` and `output_config.effort`. An effort alone leaves it to the model whether to think. */
export function readReasoning(request: Fields, rest: Rest): Reasoning | null {
  const thinking = request.object('thinking');
  const effort = request.object('output_config')?.string('effort') ?? null;
  if (thinking === null)
    return effort === null ? null : { mode: 'adaptive', effort, budgetTokens: null, summary: null };
  thinking.keepRest(THINKING, rest);
  const display = thinking.string('display');
  return {
    mode: wordOf(MODES, thinking, 'type', thinking.text('type')),
    effort,
    budgetTokens: thinking.count('budget_tokens'),
    summary: display === null ? null : wordOf(SUMMARIES, thinking, 'display', display),
  };
}

function wordOf<Word>(words: Readonly<Record<string, Word>>, fields: Fields, name: string, value: string): Word {
  if (Object.hasOwn(words, value)) return words[value]!;
  throw malformed(fields.at(name), `must be one of ${Object.keys(words).join(', ')}`);
}

/** `output_config.format`, in betas `output_format`. */
export function readOutput(request: Fields, rest: Rest): OutputFormat | null {
  const config = request.object('output_config');
  config?.keepRest(OUTPUT_CONFIG, rest);
  const format = config?.object('format') ?? request.object('output_format');
  if (format === null) return null;
  format.keepRest(FORMAT, rest);
  if (format.text('type') !== 'json_schema') throw malformed(format.at('type'), 'must be json_schema');
  const schema = Fields.of(format.get('schema'), format.at('schema')).value;
  return { kind: 'schema', name: null, description: null, schema, strict: null };
}
