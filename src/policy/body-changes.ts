import { GatewayError } from '../core/errors.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { JsonValue } from '../core/rollout.ts';
import { OUTPUT_LIMITS } from './body-facts.ts';

type Params = Readonly<Record<string, JsonValue>>;

/** Of all edits without any; never written to. */
const NO_SETS: Map<string, JsonValue> = new Map();
const NO_CAPS: Map<string, number> = new Map();

/** What rules change of a body, gathered in their order. Nearly always nothing. */
export class BodyEdits {
  private sets = NO_SETS;
  private caps = NO_CAPS;

  get isEmpty(): boolean {
    return this.sets.size === 0 && this.caps.size === 0;
  }

  /** A later rule replaces what an earlier one set; of caps the lowest holds. */
  add(set: Params, cap: Readonly<Record<string, number>>): void {
    if (this.isEmpty) {
      this.sets = new Map();
      this.caps = new Map();
    }
    for (const [field, value] of Object.entries(set)) this.sets.set(field, value);
    for (const [field, most] of Object.entries(cap))
      this.caps.set(field, Math.min(most, this.caps.get(field) ?? Infinity));
  }

  with(others: BodyEdits | null): BodyEdits {
    if (others === null || others.isEmpty) return this;
    const joined = new BodyEdits();
    for (const edits of [this, others]) joined.add(Object.fromEntries(edits.sets), Object.fromEntries(edits.caps));
    return joined;
  }

  /** The parameters of an arm with these changes over them. @throws GatewayError `ambiguous_json` */
  over(params: Params | null, document: JsonDocument, operation: Operation): Params | null {
    if (this.isEmpty) return params;
    if (document.hasUnusualKeys) refuseCaseVariants(document, [...this.sets.keys(), ...this.caps.keys()]);
    const changed: Record<string, JsonValue> = { ...params };
    const names = (field: string) => namesOf(field, operation, changed, document);
    for (const [field, value] of this.sets) for (const name of names(field)) changed[name] = value;
    for (const [field, most] of this.caps)
      for (const name of names(field)) if (exceeds(name, most, changed, document)) changed[name] = most;
    return changed;
  }
}

/** A parser that ignores case would read another value than the one that was set. */
function refuseCaseVariants(document: JsonDocument, fields: readonly string[]): void {
  for (const { key } of document.root.children) {
    const folded = key!.toUpperCase().toLowerCase();
    if (folded === key || !fields.includes(folded)) continue;
    const message = `The field "${key!.slice(0, 64)}" differs from "${folded}" by case only; write it in lower case.`;
    throw new GatewayError('ambiguous_json', message, { param: folded });
  }
}

/**
 * The bound of the output has several names: that of the protocol, and for chat completions those that the body uses, or
 * the rule's own where it uses none. Endpoints without output have none.
 */
function namesOf(field: string, operation: Operation, params: Params, document: JsonDocument): readonly string[] {
  if (!isOutputLimit(field)) return [field];
  if (operation === 'responses') return ['max_output_tokens'];
  if (operation === 'messages' || operation === 'text_completion') return ['max_tokens'];
  if (operation !== 'chat') return [];
  const used = CHAT_LIMITS.filter(
    (name) => Object.hasOwn(params, name) || document.member(document.root, name) !== null,
  );
  if (used.length > 0) return used;
  return [field === 'max_output_tokens' ? 'max_completion_tokens' : field];
}

const CHAT_LIMITS = ['max_tokens', 'max_completion_tokens'];

function isOutputLimit(field: string): boolean {
  return (OUTPUT_LIMITS as readonly string[]).includes(field);
}

/** A bound of the output that is not given is none; any other field that is not given has the provider's default. */
function exceeds(name: string, most: number, params: Params, document: JsonDocument): boolean {
  if (Object.hasOwn(params, name)) return !isAtMost(params[name], most);
  const node = document.member(document.root, name);
  if (node === null || document.isNull(node)) return isOutputLimit(name);
  return !isAtMost(document.number(node), most);
}

/** What is no number is not known to be within any bound. */
function isAtMost(value: unknown, most: number): boolean {
  return typeof value === 'number' && value <= most;
}
