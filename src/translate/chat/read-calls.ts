import type { EmitPart } from '../format.ts';
import type { BlockOrder } from '../block-order.ts';
import { isObject, numberOrNull, objectOf, stringOrNull, wordOrNull, type JsonObject } from '../openai/fields.ts';
import { argumentsText } from './read-reply.ts';

interface Call {
  readonly key: string;
  readonly index: number | null;
  readonly isCustom: boolean;
  id: string | null;
  name: string;
  /** The arguments so far. */
  text: string;
  isStarted: boolean;
  /** Length of `text` when it was last looked at for its end. */
  lookedAt: number;
}

/** Fragments of the tool calls of one choice: OpenAI's by index, whole ones without an index, ones that share an index or an id. */
export class CallFragments {
  private readonly choice: number;
  private readonly order: BlockOrder;
  private readonly calls: Call[] = [];

  constructor(choice: number, order: BlockOrder) {
    this.choice = choice;
    this.order = order;
  }

  get isEmpty(): boolean {
    return this.calls.length === 0;
  }

  /** @param isNew called ahead of a call that was not seen before */
  push(fragment: JsonObject, beforeNew: (emit: EmitPart) => void, emit: EmitPart): void {
    const called = objectOf(fragment['custom'] ?? fragment['function']);
    const name = wordOrNull(called['name']);
    let call = this.find(fragment, name);
    if (call === null) {
      beforeNew(emit);
      call = this.add(fragment);
    }
    if (call.key !== this.order.current) this.endComplete(emit);
    call.id ??= wordOrNull(fragment['id']);
    if (call.name === '' && name !== null) call.name = name;
    const text = call.isCustom ? (stringOrNull(called['input']) ?? '') : argumentsText(called['arguments']);
    this.write(call, text, emit);
  }

  /** The open call, if nothing can follow in it. */
  endComplete(emit: EmitPart): void {
    const { current } = this.order;
    const call = current === null ? undefined : this.calls.find(({ key }) => key === current);
    if (call !== undefined && isComplete(call)) this.order.end(call.key, emit);
  }

  /** Calls that nobody has named are told all the same. */
  end(emit: EmitPart): void {
    for (const call of this.calls) if (!call.isStarted) this.start(call, emit);
  }

  private find(fragment: JsonObject, name: string | null): Call | null {
    const index = numberOrNull(fragment['index']);
    const id = wordOrNull(fragment['id']);
    if (index !== null) {
      const call = this.calls.findLast((each) => each.index === index);
      return call === undefined || isAnother(call, id, name) ? null : call;
    }
    if (id !== null) return this.calls.findLast((each) => each.id === id) ?? null;
    return name === null ? (this.calls.at(-1) ?? null) : null;
  }

  private add(fragment: JsonObject): Call {
    const call: Call = {
      key: `call ${this.calls.length}`,
      index: numberOrNull(fragment['index']),
      isCustom: fragment['type'] === 'custom' || isObject(fragment['custom']),
      id: null,
      name: '',
      text: '',
      isStarted: false,
      lookedAt: 0,
    };
    this.calls.push(call);
    return call;
  }

  private write(call: Call, text: string, emit: EmitPart): void {
    call.text += text;
    if (call.isStarted) this.tell(call, text, emit);
    else if (call.name !== '') this.start(call, emit);
  }

  private start(call: Call, emit: EmitPart): void {
    const { key, id, name, isCustom, text } = call;
    call.isStarted = true;
    this.order.start(key, { kind: 'tool_call', id: id ?? '', name, isCustom }, emit);
    this.tell(call, text, emit);
  }

  private tell({ key }: Call, text: string, emit: EmitPart): void {
    if (text !== '') this.order.push(key, { kind: 'delta', choice: this.choice, text }, emit);
  }
}

function isAnother(call: Call, id: string | null, name: string | null): boolean {
  return id !== null && name !== null && call.id !== null && call.id !== id;
}

/** JSON that has ended. Looked at again only after it has grown. */
function isComplete(call: Call): boolean {
  const { text, isCustom, lookedAt } = call;
  if (isCustom || text.length === lookedAt) return false;
  call.lookedAt = text.length;
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
