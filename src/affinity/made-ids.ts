import type { MadeIds } from '../core/object-ids.ts';
import type { Operation } from '../core/operation.ts';
import { eventType, type SseEvent } from '../core/sse.ts';
import { mayBeId } from './named-ids.ts';

/** Objects that a reply about another one tells of. */
const DERIVED = ['output_file_id', 'error_file_id', 'result_files', 'vector_store_id', 'thread_id'] as const;

/** Events of a streamed response that tell of something that lives on. */
const RESPONSE_EVENTS: ReadonlySet<string> = new Set([
  'response.created',
  'response.output_item.done',
  'response.completed',
  'response.incomplete',
]);

export type OnMade = (ids: readonly string[]) => void;

/**
 * Of an endpoint that is parsed. What the provider does not keep has no id that anybody could come back with.
 * @param keeps whether the request asks for it to be kept; null: it does not say
 * @returns null where replies tell of nothing
 */
export function madeIdsOf(operation: Operation, keeps: boolean | null, onMade: OnMade): MadeIds | null {
  if (operation === 'responses' && keeps !== false) return new ResponseIds(onMade);
  if (operation === 'chat' && keeps === true) return new TopLevelIds('id', onMade);
  if (operation === 'messages') return new TopLevelIds('container', onMade);
  return null;
}

class ResponseIds implements MadeIds {
  private readonly onMade: OnMade;
  private isStored = true;

  constructor(onMade: OnMade) {
    this.onMade = onMade;
  }

  whole(reply: unknown): void {
    const response = fieldsOf(reply);
    if (response === null) return;
    this.isStored = response['store'] !== false;
    if (!this.isStored) return;
    const items = Array.isArray(response['output']) ? response['output'] : [];
    const conversation = fieldsOf(response['conversation']);
    this.tell([response['id'], conversation?.['id'], ...items.flatMap(itemIds)]);
  }

  event(event: SseEvent): void {
    const type = eventType(event);
    if (!this.isStored || !RESPONSE_EVENTS.has(type)) return;
    const fields = fieldsOf(parsed(event.data));
    if (fields === null) return;
    if (type === 'response.output_item.done') this.tell(itemIds(fields['item']));
    else this.whole(fields['response']);
  }

  private tell(ids: readonly unknown[]): void {
    const made = ids.filter(isId);
    if (made.length > 0) this.onMade(made);
  }
}

/** Of one member of a whole reply: an id, or an object with one. */
class TopLevelIds implements MadeIds {
  private readonly member: string;
  private readonly onMade: OnMade;
  private isDone = false;

  constructor(member: string, onMade: OnMade) {
    this.member = member;
    this.onMade = onMade;
  }

  whole(reply: unknown): void {
    const value = fieldsOf(reply)?.[this.member];
    const id = fieldsOf(value)?.['id'] ?? value;
    if (!isId(id)) return;
    this.isDone = true;
    this.onMade([id]);
  }

  /** Chunks of chat all tell the id; Anthropic's container stands in `message_start` or in a `message_delta`. */
  event(event: SseEvent): void {
    if (this.isDone) return;
    const type = eventType(event);
    if (type !== '' && type !== 'message_start' && type !== 'message_delta') return;
    const fields = fieldsOf(parsed(event.data));
    this.whole(fields?.['message'] ?? fields?.['delta'] ?? fields);
  }
}

function itemIds(item: unknown): readonly unknown[] {
  const fields = fieldsOf(item);
  return fields === null ? [] : [fields['id'], fields['container_id']];
}

/** What a reply of an endpoint that is not parsed tells of: the object itself and those that came of it. */
export function idsInReply(reply: unknown): { readonly own: string | null; readonly derived: readonly string[] } {
  const fields = fieldsOf(reply);
  if (fields === null) return { own: null, derived: [] };
  const derived = DERIVED.flatMap((name) => fields[name]).filter(isId);
  return { own: isId(fields['id']) ? fields['id'] : null, derived };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && mayBeId(value);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
