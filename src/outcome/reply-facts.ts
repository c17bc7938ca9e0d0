import type { ReplyFacts } from '../core/outcome.ts';
import { readTools, type Expectation, type Tools } from './expectation.ts';
import { asFields, parseJson } from './fields.ts';
import { holdsTo } from './json-schema.ts';
import type { ReplyContent, ToolCall } from './reply-content.ts';
import { isRefusal } from './refusal.ts';

/** By which both protocols say that the model declined or a filter stepped in. */
const REFUSAL_REASONS = new Set(['content_filter', 'refusal']);

/** What a complete reply came to. Null: it was not seen, or is of an unknown form. */
export function toFacts(content: ReplyContent, expected: Expectation, finishReason: string): ReplyFacts | null {
  if (content.choices.length === 0) return null;
  const isRefused = REFUSAL_REASONS.has(finishReason);
  return {
    refusal: isRefused || content.choices.some((choice) => choice.isRefused || isRefusal(choice.opening.text)),
    invalidJson: hasInvalidJson(content, expected, isRefused),
    invalidToolCall: hasInvalidCall(content, expected),
    outputChars: content.chars,
  };
}

/** A refusal in the protocol's own words and a call of a tool are no JSON, and no broken JSON either. */
function hasInvalidJson(
  { choices, isOverlong }: ReplyContent,
  { json }: Expectation,
  isRefused: boolean,
): boolean | null {
  if (json === null || json === 'unknown' || isOverlong) return null;
  const schema = json.schema === '' ? true : parseJson(json.schema);
  const verdicts = choices.map((choice) => {
    const saysOther = isRefused || choice.isRefused || (choice.calls.size > 0 && choice.text.trim() === '');
    return saysOther || isValid(choice.text, schema);
  });
  return anyBroken(verdicts);
}

function hasInvalidCall({ choices, isOverlong }: ReplyContent, { tools }: Expectation): boolean | null {
  if (tools === null || isOverlong) return null;
  const calls = choices.flatMap((choice) => [...choice.calls.values()]);
  if (calls.length === 0) return false;
  const known = readTools(tools);
  return anyBroken(calls.map((call) => isValidCall(call, known)));
}

function isValidCall({ name, arguments: text }: ToolCall, tools: Tools): boolean | null {
  const schema = tools.schemaOf(name);
  if (schema === undefined) return tools.isOpen ? null : false;
  // A tool without parameters is called with nothing at all by some.
  const value = text.trim() === '' ? {} : parseJson(text);
  if (asFields(value) === null) return false;
  return schema === null ? null : holdsTo(schema, value);
}

function isValid(text: string, schema: unknown): boolean | null {
  const value = parseJson(text);
  return value === undefined ? false : holdsTo(schema, value);
}

/** One that is broken decides; where none is, one that could not be told leaves it open. */
function anyBroken(verdicts: readonly (boolean | null)[]): boolean | null {
  if (verdicts.includes(false)) return true;
  return verdicts.includes(null) ? null : false;
}
