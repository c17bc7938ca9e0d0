import { GatewayError } from '../core/errors.ts';
import { applyEdits, JsonDocument } from '../core/json-document.ts';
import type { JsonNode, TextEdit } from '../core/json-document.ts';
import type { RedactionLog, StreamFormat } from '../core/redaction.ts';
import { isDone, type SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';
import type { Bytes } from '../core/units.ts';
import { EventFields } from './event-fields.ts';
import { Lane } from './lane.ts';
import type { LaneKind } from './lane.ts';
import { Places } from './places.ts';
import { DocumentRedaction, outermostEdits, tell } from './redact-document.ts';
import { forOneText, placed } from './span-settler.ts';
import type { ScanContext } from './span-settler.ts';
import { redactPlain } from './redacted-text.ts';
import { ReplyPlaces } from './reply-places.ts';
import { StreamLane } from './stream-lane.ts';
import type { Piece } from './stream-lane.ts';
import { LaneTree, LOCATORS } from './stream-lanes.ts';
import type { LaneVisitor } from './stream-lanes.ts';
import { TokenEdits } from './token-edits.ts';
import { passUninspected } from './uninspectable.ts';

/** Events that wait for one lane, some hundred bytes for each few characters; a stream that keeps one open for longer is cut off. */
const MAX_HELD_BYTES: Bytes = 8 * 1024 * 1024;

interface HeldEvent {
  readonly event: SseEvent;
  /** Null where the event is no JSON, or decided as it is. */
  readonly document: JsonDocument | null;
  readonly pieces: readonly Piece[];
  /** The pieces before this one are decided. */
  undecided: number;
  /** Changes outside the pieces. */
  readonly edits: readonly TextEdit[];
}

const NO_PIECES: readonly Piece[] = [];
const NO_EDITS: readonly TextEdit[] = [];

/**
 * Redacts a streamed reply. Events leave in the order in which they came, each once its text is decided; one in which
 * nothing changed leaves as the bytes that came. A value that goes over several events is replaced where it began. No
 * lane waits for another: text that is undecided when another lane goes on leaves later, with its own lane.
 */
export class RedactionStream implements StreamTransform, LaneVisitor {
  private readonly context: ScanContext;
  private readonly log: RedactionLog;
  private readonly locate: (typeof LOCATORS)[StreamFormat];
  private readonly format: StreamFormat;
  private readonly fields: EventFields;
  private readonly lanes = new LaneTree();
  private held: HeldEvent[] = [];
  private heldBytes: Bytes = 0;
  private carriedBytes: Bytes = 0;
  private events = 0;
  private sawUnknown = false;
  /** The event at hand. */
  private document: JsonDocument | null = null;
  private replyPlaces: ReplyPlaces | null = null;
  private pieces: Piece[] = [];
  private readonly untouched: JsonNode[] = [];
  private readonly ending: LaneTree[] = [];

  constructor(context: ScanContext, format: StreamFormat, log: RedactionLog) {
    this.context = forOneText(context);
    this.log = log;
    this.fields = new EventFields(this.context, log);
    this.format = format;
    this.locate = LOCATORS[format];
  }

  push(came: SseEvent, emit: EmitEvent): void {
    const event = this.fields.redact(came);
    const { data } = event;
    const isLast = isDone(data);
    if (isLast) this.finishAll(false);
    if (isLast || data === '') this.hold(asItIs(event));
    else this.hold(this.judgeData(event, data, emit));
    this.release(emit);
    if (this.heldBytes > 0) this.log.held(this.heldBytes);
    if (this.heldBytes + this.carriedBytes > MAX_HELD_BYTES)
      throw unusable('keeps a text open for longer than can be held back');
  }

  flush(reason: 'end' | 'abort', emit: EmitEvent): void {
    this.finishAll(reason === 'abort');
    this.release(emit);
  }

  piece(node: JsonNode, place: LaneTree, kind: LaneKind): void {
    const original = this.document!.string(node)!;
    const lane = (place.lane ??= this.openLane(node, kind));
    if (original !== '') lane.lastEvent = this.events;
    this.pieces.push({ lane, node, original, text: original, start: 0 });
  }

  sealed(node: JsonNode): void {
    this.untouched.push(node);
  }

  ends(place: LaneTree): void {
    this.ending.push(place);
  }

  private openLane(node: JsonNode, kind: LaneKind): StreamLane {
    const where = new Places(this.context.rules).of(node);
    const { context } = this;
    const place =
      context.restoration === null ? context.place : (this.replyPlaces ??= new ReplyPlaces(this.document!)).of(node);
    return new StreamLane(
      new Lane(placed(context, place), kind, (finding) => tell(this.log, 'response', finding, where)),
    );
  }

  /** The streams of other endpoints may hold any text. */
  private judgeData(event: SseEvent, data: string, emit: EmitEvent): HeldEvent {
    const document = this.format === 'any' ? tryParse(data) : parse(data);
    return document === null ? this.judgeText(event, data) : this.judge(event, document, emit);
  }

  private judgeText(event: SseEvent, data: string): HeldEvent {
    this.passUnknown();
    const redacted = redactPlain(this.context, data, 'response', this.log, '');
    return asItIs(redacted === data ? event : event.withData(redacted.replaceAll('\n', ' ')));
  }

  private judge(event: SseEvent, document: JsonDocument, emit: EmitEvent): HeldEvent {
    this.events++;
    this.document = document;
    this.replyPlaces = null;
    this.pieces = [];
    this.untouched.length = 0;
    this.ending.length = 0;
    if (!this.locate(document, this.lanes, this)) this.passUnknown();
    const { pieces, ending } = this;
    for (const place of ending) place.forEachLane((lane) => this.finishUnlessIn(lane, this.events));
    if (this.held.length > 0 && pieces.length > 0) this.giveWay(emit);
    for (const piece of pieces) this.take(piece);
    for (const place of ending) place.forEachLane((lane) => this.finish(lane, false));
    return { event, document, pieces, undecided: 0, edits: this.redactRest(document) };
  }

  /** Its strings are inspected one by one. Told once for a stream: such events come in hundreds. */
  private passUnknown(): void {
    if (this.sawUnknown) return;
    this.sawUnknown = true;
    passUninspected(this.context.failsClosed, 'response', 'unknown_event', this.log);
  }

  private take(piece: Piece): void {
    this.carriedBytes -= piece.lane.carriedBytes;
    piece.lane.take(piece);
    this.carriedBytes += piece.lane.carriedBytes;
  }

  /** Before the event at hand is judged: what waits for a lane that it does not continue, waits no longer. */
  private giveWay(emit: EmitEvent): void {
    this.release(emit);
    const { held, pieces } = this;
    const first = held[0];
    const blocking = first?.pieces[first.undecided]?.lane;
    if (blocking === undefined || blocking.lastEvent === this.events) return;
    // Empty strings are no text: many providers send one for each other lane in every event.
    const isOther = pieces.some(({ original }) => original !== '') || pieces.every(({ lane }) => lane !== blocking);
    if (!isOther) return;
    for (const waiting of held) this.cut(waiting);
    this.release(emit);
  }

  private cut({ event, document, pieces }: HeldEvent): void {
    for (const piece of pieces) {
      this.carriedBytes -= piece.lane.carriedBytes;
      piece.lane.cut(piece, event, document!);
      this.carriedBytes += piece.lane.carriedBytes;
    }
  }

  private finishAll(isBroken: boolean): void {
    this.lanes.forEachLane((lane) => this.finish(lane, isBroken));
  }

  private finishUnlessIn(lane: StreamLane, event: number): void {
    if (lane.lastEvent !== event) this.finish(lane, false);
  }

  private finish(lane: StreamLane, isBroken: boolean): void {
    lane.lane.finish(isBroken);
    this.carriedBytes -= lane.carriedBytes;
    const event = lane.unload();
    if (event !== null) this.hold(asItIs(event));
  }

  /** The strings that stand for themselves. */
  private redactRest(document: JsonDocument): readonly TextEdit[] {
    if (this.context.rules.isCleanJson(document.text)) return NO_EDITS;
    const elsewhere = new Set(this.untouched);
    for (const { node } of this.pieces) elsewhere.add(node);
    const redaction = new DocumentRedaction(this.context, document, 'response', this.log, (node) =>
      elsewhere.has(node),
    );
    redaction.run();
    return redaction.edits;
  }

  private hold(held: HeldEvent): void {
    this.held.push(held);
    this.heldBytes += held.event.raw.length;
  }

  private release(emit: EmitEvent): void {
    const { held } = this;
    let count = 0;
    while (count < held.length && isDecided(held[count]!)) {
      const next = held[count++]!;
      this.heldBytes -= next.event.raw.length;
      emit(rewritten(next));
    }
    if (count === held.length) held.length = 0;
    else if (count > 0) held.splice(0, count);
  }
}

function isDecided(held: HeldEvent): boolean {
  const { pieces } = held;
  for (; held.undecided < pieces.length; held.undecided++) {
    const piece = pieces[held.undecided]!;
    if (!piece.lane.isDecided(piece)) return false;
  }
  return true;
}

function asItIs(event: SseEvent): HeldEvent {
  return { event, document: null, pieces: NO_PIECES, undecided: 0, edits: NO_EDITS };
}

function rewritten({ event, document, pieces, edits }: HeldEvent): SseEvent {
  let all: TextEdit[] | null = null;
  let tokens: TokenEdits | null = null;
  for (const { lane, node, original, text, start } of pieces) {
    const redacted = lane.lane.rewrite(text, start);
    if (redacted === original) continue;
    all ??= [...edits];
    all.push({ start: node.start, end: node.end, text: JSON.stringify(redacted) });
    (tokens ??= new TokenEdits(document!, all)).changed(node);
  }
  const changes = all ?? edits;
  if (changes.length === 0) return event;
  // Data that came in several lines goes out in one: a line end would end the field.
  return event.withData(applyEdits(document!.text, outermostEdits(changes)).replaceAll('\n', ' '));
}

/** Null where it is no JSON. */
function tryParse(data: string): JsonDocument | null {
  try {
    return JsonDocument.parseReply(data);
  } catch {
    return null;
  }
}

/** @throws GatewayError: what cannot be judged is not forwarded. */
function parse(data: string): JsonDocument {
  try {
    return JsonDocument.parseReply(data);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw unusable('holds an event that is not valid JSON');
  }
}

function unusable(what: string): GatewayError {
  return new GatewayError(
    'upstream_unavailable',
    `The provider's stream ${what}, so it cannot be inspected for secrets and was ended.`,
  );
}
