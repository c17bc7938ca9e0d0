import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { StreamFormat } from '../core/redaction.ts';
import { treatmentOf } from './inspected-fields.ts';
import type { LaneKind } from './lane.ts';
import type { StreamLane } from './stream-lane.ts';

/** Lanes by their place: choice or block, then field by field. */
export class LaneTree {
  lane: StreamLane | null = null;
  /** A signed block: nothing in it is judged. */
  isSealed = false;
  private readonly branches = new Map<string | number, LaneTree>();

  branch(key: string | number): LaneTree {
    let tree = this.branches.get(key);
    if (tree === undefined) this.branches.set(key, (tree = new LaneTree()));
    return tree;
  }

  forEachLane(visit: (lane: StreamLane) => void): void {
    if (this.lane !== null) visit(this.lane);
    for (const tree of this.branches.values()) tree.forEachLane(visit);
  }
}

/** What an event means for the lanes. */
export interface LaneVisitor {
  /** The string `node` continues the lane at `place`. */
  piece(node: JsonNode, place: LaneTree, kind: LaneKind): void;
  /** The string `node` is left alone. */
  sealed(node: JsonNode): void;
  /** The lanes of `place` end with this event. */
  ends(place: LaneTree): void;
}

/** False: the event has no known form, and a text that goes on in the next one would not be known as one. */
type Locator = (document: JsonDocument, root: LaneTree, visitor: LaneVisitor) => boolean;

/** Finds the strings of an event that continue earlier ones, by the format of the stream. */
export const LOCATORS: Readonly<Record<StreamFormat, Locator>> = {
  chat: locateChoices,
  completions: locateChoices,
  messages: locateBlocks,
  responses: locateItems,
  any: locateAny,
};

/** Streams of endpoints that are passed through: each event says by its form what it is. */
function locateAny(document: JsonDocument, root: LaneTree, visitor: LaneVisitor): boolean {
  if (document.member(document.root, 'choices') !== null) return locateChoices(document, root, visitor);
  const type = document.string(document.member(document.root, 'type'));
  if (type !== null && ANTHROPIC_EVENT.test(type)) return locateBlocks(document, root, visitor);
  if (type !== null) return locateItems(document, root, visitor);
  return locateThread(document, root, visitor) || isError(document);
}

const ANTHROPIC_EVENT = /^(?:message_|content_block_|ping$)/;

/** @source https://platform.openai.com/docs/api-reference/assistants-streaming/events */
function locateThread(document: JsonDocument, root: LaneTree, visitor: LaneVisitor): boolean {
  const object = document.string(document.member(document.root, 'object'));
  if (object === null) return false;
  const place = root.branch(document.string(document.member(document.root, 'id')) ?? '');
  const delta = document.member(document.root, 'delta');
  if (!object.endsWith('.delta') || delta === null) visitor.ends(place);
  else locateStrings(document, delta, place, visitor);
  return true;
}

function isError(document: JsonDocument): boolean {
  return document.member(document.root, 'error') !== null;
}

/** Fields that the API does not know are lanes as well. @source https://platform.openai.com/docs/api-reference/chat-streaming */
function locateChoices(document: JsonDocument, root: LaneTree, visitor: LaneVisitor): boolean {
  const choices = document.member(document.root, 'choices');
  if (choices === null) return isError(document);
  for (const choice of choices.children) {
    const place = root.branch(indexOf(document, choice, 'index', choice.index));
    for (const field of choice.children) {
      if (!WHOLE_FIELDS.has(field.key!)) locateStrings(document, field, place.branch(field.key!), visitor);
    }
    if ((document.string(document.member(choice, 'finish_reason')) ?? '') !== '') visitor.ends(place);
  }
  return true;
}

/** Of a choice: said once, or judged token by token. */
const WHOLE_FIELDS = new Set(['finish_reason', 'logprobs', 'content_filter_results', 'index']);

/** Null for a string that stands for itself. */
function laneKindOf(document: JsonDocument, node: JsonNode): LaneKind | null {
  const treatment = treatmentOf(document, node, false);
  return treatment === 'plain' || treatment === 'arguments' ? treatment : null;
}

function locateStrings(document: JsonDocument, node: JsonNode, place: LaneTree, visitor: LaneVisitor): void {
  if (node.kind === JsonKind.string) {
    const kind = laneKindOf(document, node);
    if (kind !== null) visitor.piece(node, place, kind);
    return;
  }
  for (const child of node.children) {
    const key = child.key ?? indexOf(document, child, 'index', child.index);
    locateStrings(document, child, place.branch(key), visitor);
  }
}

/** @source https://docs.anthropic.com/en/docs/build-with-claude/streaming */
function locateBlocks(document: JsonDocument, root: LaneTree, visitor: LaneVisitor): boolean {
  const type = document.string(document.member(document.root, 'type'));
  if (type === 'message_delta' || type === 'message_stop' || type === 'error') visitor.ends(root);
  if (type === null) return false;
  if (!type.startsWith('content_block_')) return OTHER_MESSAGE_EVENTS.has(type);
  const block = root.branch(indexOf(document, document.root, 'index', 0));
  if (type === 'content_block_stop') visitor.ends(block);
  const started = document.member(document.root, 'content_block');
  if (started !== null) block.isSealed = isToBeSigned(document, started);
  const content = started ?? document.member(document.root, 'delta');
  if (content !== null && !isWhole(document, content)) locateFields(document, content, block, visitor);
  return true;
}

const OTHER_MESSAGE_EVENTS = new Set(['message_start', 'message_delta', 'message_stop', 'ping', 'error']);

/** The signature itself comes last; that there will be one is said at the start. */
function isToBeSigned(document: JsonDocument, block: JsonNode): boolean {
  return document.string(document.member(block, 'type')) === 'thinking' && document.member(block, 'signature') !== null;
}

/** Citations and the starts of tool calls carry their texts in full. */
function isWhole(document: JsonDocument, content: JsonNode): boolean {
  const type = document.string(document.member(content, 'type')) ?? '';
  return type === 'citations_delta' || (!type.endsWith('_delta') && type !== 'text' && type !== 'thinking');
}

function locateFields(document: JsonDocument, content: JsonNode, block: LaneTree, visitor: LaneVisitor): void {
  for (const field of content.children) {
    if (field.kind !== JsonKind.string) continue;
    const kind = laneKindOf(document, field);
    if (kind === null) continue;
    if (block.isSealed) visitor.sealed(field);
    else visitor.piece(field, block.branch(field.key!), kind);
  }
}

/** @source https://platform.openai.com/docs/api-reference/responses-streaming */
function locateItems(document: JsonDocument, root: LaneTree, visitor: LaneVisitor): boolean {
  const type = document.string(document.member(document.root, 'type'));
  if (type === null) return isError(document);
  const item = root.branch(indexOf(document, document.root, 'output_index', 0));
  if (type.endsWith('.done')) visitor.ends(item);
  if (ENDS_RESPONSE.has(type)) visitor.ends(root);
  const delta = document.member(document.root, 'delta');
  if (delta === null || !type.endsWith('.delta')) return KNOWN_STEP.test(type);
  const part = indexOf(document, document.root, 'content_index', indexOf(document, document.root, 'summary_index', 0));
  const place = item.branch(type).branch(part);
  if (delta.kind !== JsonKind.string) locateStrings(document, delta, place, visitor);
  else if (laneKindOf(document, delta) !== null)
    visitor.piece(delta, place, type.includes('arguments') ? 'arguments' : 'plain');
  return true;
}

/** An event of another kind may bring text in pieces that nobody knows to put together. */
const KNOWN_STEP =
  /^(?:error|keepalive|response\.(?:[a-z_]+\.)*(?:created|queued|in_progress|completed|incomplete|failed|cancelled|added|done|searching|interpreting|generating|partial_image))$/;
const ENDS_RESPONSE = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error']);

function indexOf(document: JsonDocument, node: JsonNode, key: string, otherwise: number): number {
  return document.number(document.member(node, key)) ?? otherwise;
}
