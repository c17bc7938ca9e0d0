import { GatewayError } from '../core/errors.ts';
import { applyEdits, JsonDocument } from '../core/json-document.ts';
import type { JsonNode, TextEdit } from '../core/json-document.ts';
import type { RedactionLog, StreamFormat } from '../core/redaction.ts';
import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';
import type { Bytes } from '../core/units.ts';
import { Lane } from './lane.ts';
import type { LaneKind } from './lane.ts';
import { DocumentRedaction, outermostEdits, placeOf, tell, tokenEdits } from './redact-document.ts';
import { LaneTree, LOCATORS } from './stream-lanes.ts';
import type { LaneVisitor } from './stream-lanes.ts';
import type { ScanContext } from './span-settler.ts';

/** Events that wait for one lane, some hundred bytes for each few characters; a stream that keeps one open for longer is cut off. */
const MAX_HELD_BYTES: Bytes = 8 * 1024 * 1024;

interface Piece {
  readonly lane: Lane;
  readonly node: JsonNode;
  readonly text: string;
  /** Offset in the lane. */
  readonly start: number;
}

interface HeldEvent {
  readonly event: SseEvent;
  /** Null where the event is no JSON. */
  readonly document: JsonDocument | null;
  readonly pieces: readonly Piece[];
  /** Changes outside the pieces. */
  readonly edits: readonly TextEdit[];
}

const NO_PIECES: readonly Piece[] = [];
const NO_EDITS: readonly TextEdit[] = [];

/**
 * Redacts a streamed reply. Events leave in the order in which they came, each once all its text is decided; one in which
 * nothing changed leaves as the bytes that came. A value that goes over several events is replaced where it began.
 */
export class RedactionStream implements StreamTransform, LaneVisitor {
  private readonly context: ScanContext;
  private readonly log: RedactionLog;
  private readonly locate: (typeof LOCATORS)[StreamFormat];
  private readonly lanes = new LaneTree();
  private held: HeldEvent[] = [];
  private heldBytes: Bytes = 0;
  /** The event at hand. */
  private document: JsonDocument | null = null;
  private pieces: Piece[] = [];
  private untouched: JsonNode[] = [];
  private ending: LaneTree[] = [];

  constructor(context: ScanContext, format: StreamFormat, log: RedactionLog) {
    this.context = context;
    this.log = log;
    this.locate = LOCATORS[format];
  }

  push(event: SseEvent, emit: EmitEvent): void {
    const { data } = event;
    if (data === '' || data === '[DONE]') {
      if (data !== '') this.finish(this.lanes, false);
      this.hold({ event, document: null, pieces: NO_PIECES, edits: NO_EDITS });
    } else this.hold(this.judge(event, parse(data)));
    this.release(emit);
    if (this.heldBytes > 0) this.log.held(this.heldBytes);
    if (this.heldBytes > MAX_HELD_BYTES) throw unusable('keeps a text open for longer than can be held back');
  }

  flush(reason: 'end' | 'abort', emit: EmitEvent): void {
    this.finish(this.lanes, reason === 'abort');
    this.release(emit);
  }

  piece(node: JsonNode, place: LaneTree, kind: LaneKind): void {
    const document = this.document!;
    const text = document.string(node)!;
    const lane = (place.lane ??= this.openLane(placeOf(this.context, document, node), kind));
    this.pieces.push({ lane, node, text, start: lane.length });
    lane.push(text);
  }

  sealed(node: JsonNode): void {
    this.untouched.push(node);
  }

  ends(place: LaneTree): void {
    this.ending.push(place);
  }

  private openLane(where: string, kind: LaneKind): Lane {
    return new Lane(this.context, kind, (finding) => tell(this.log, 'response', finding, where));
  }

  private finish(place: LaneTree, isBroken: boolean): void {
    place.forEachLane((lane) => lane.finish(isBroken));
  }

  private judge(event: SseEvent, document: JsonDocument): HeldEvent {
    this.document = document;
    this.pieces = [];
    this.untouched.length = 0;
    this.ending.length = 0;
    this.locate(document, this.lanes, this);
    for (const place of this.ending) this.finish(place, false);
    const { pieces } = this;
    return { event, document, pieces, edits: this.redactRest(document) };
  }

  /** The strings that stand for themselves. */
  private redactRest(document: JsonDocument): readonly TextEdit[] {
    if (this.context.rules.isCleanJson(document.text)) return NO_EDITS;
    const { pieces, untouched } = this;
    const isElsewhere = (node: JsonNode): boolean =>
      untouched.includes(node) || pieces.some((piece) => piece.node === node);
    const redaction = new DocumentRedaction(this.context, document, 'response', this.log, isElsewhere);
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

function isDecided({ pieces }: HeldEvent): boolean {
  for (const { lane, start, text } of pieces) if (lane.decided < start + text.length) return false;
  return true;
}

function rewritten({ event, document, pieces, edits }: HeldEvent): SseEvent {
  let all = edits;
  for (const { lane, node, text, start } of pieces) {
    const redacted = lane.rewrite(text, start);
    if (redacted === text) continue;
    all = [
      ...all,
      { start: node.start, end: node.end, text: JSON.stringify(redacted) },
      ...tokenEdits(document!, node),
    ];
  }
  if (all.length === 0) return event;
  // Data that came in several lines goes out in one: a line end would end the field.
  return event.withData(applyEdits(document!.text, outermostEdits(all)).replaceAll('\n', ' '));
}

/** @throws GatewayError: what cannot be judged is not forwarded. */
function parse(data: string): JsonDocument {
  try {
    return JsonDocument.parse(data);
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
