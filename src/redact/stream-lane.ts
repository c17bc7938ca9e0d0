import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { SseEvent } from '../core/sse.ts';
import type { Bytes } from '../core/units.ts';
import { carrierData } from './carrier-event.ts';
import type { Lane } from './lane.ts';

/** One string of an event, and what leaves in its place. */
export interface Piece {
  readonly lane: StreamLane;
  readonly node: JsonNode;
  /** As it came. */
  readonly original: string;
  /** The part of the lane that leaves with this event: longer by what was carried, shorter by what is. */
  text: string;
  /** Offset of `text` in the lane. */
  start: number;
}

/** Undecided text whose event has left without it. */
interface Carried {
  readonly text: string;
  /** The last event with text of the lane: the text leaves in its shape if nothing else follows. */
  readonly event: SseEvent;
  readonly document: JsonDocument;
  readonly node: JsonNode;
}

/**
 * A lane of a stream. When an event of another lane comes, text that is undecided no longer keeps its event back: the
 * event leaves with what is decided, and the rest goes before the lane's next piece.
 */
export class StreamLane {
  readonly lane: Lane;
  /** The number of the last event that had text for this lane. */
  lastEvent = -1;
  private carried: Carried | null = null;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  /** What it keeps in memory for what is carried. */
  get carriedBytes(): Bytes {
    return this.carried === null ? 0 : this.carried.event.raw.length;
  }

  /** Judges the piece; what was carried leaves with it. */
  take(piece: Piece): void {
    const { lane, carried } = this;
    piece.start = lane.length;
    if (piece.original === '') return;
    if (carried !== null) {
      piece.text = carried.text + piece.original;
      piece.start -= carried.text.length;
      this.carried = null;
    }
    lane.push(piece.original);
  }

  isDecided({ text, start }: Piece): boolean {
    return text === '' || this.lane.decided >= start + text.length;
  }

  /** Carries what is undecided at the end of `piece`. */
  cut(piece: Piece, event: SseEvent, document: JsonDocument): void {
    const kept = keptLength(piece.text, this.lane.decided - piece.start);
    if (kept === piece.text.length) return;
    const text = (this.carried?.text ?? '') + piece.text.slice(kept);
    this.carried = { text, event, document, node: piece.node };
    piece.text = piece.text.slice(0, kept);
  }

  /** After the lane has ended: an event with what is carried, or null. */
  unload(): SseEvent | null {
    const { carried, lane } = this;
    if (carried === null) return null;
    this.carried = null;
    const { text, event, document, node } = carried;
    const redacted = lane.rewrite(text, lane.length - text.length);
    return redacted === '' ? null : event.withData(carrierData(document, node, redacted));
  }
}

/** Half a character outside the basic plane would be none for the receiver. */
function keptLength(text: string, decided: number): number {
  if (decided <= 0) return 0;
  const code = text.charCodeAt(decided - 1);
  return decided < text.length && code >= 0xd800 && code <= 0xdbff ? decided - 1 : Math.min(decided, text.length);
}
