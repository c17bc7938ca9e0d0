import { secretDetected } from '../core/errors.ts';
import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode, TextEdit } from '../core/json-document.ts';
import type { Direction, Finding, RedactionLog } from '../core/redaction.ts';
import { beginsFreeForm, isBrokenFile, treatmentOf } from './inspected-fields.ts';
import type { Treatment } from './inspected-fields.ts';
import { nameOf, numbersAt } from './json-numbers.ts';
import type { NumberPlace } from './json-numbers.ts';
import { inside, Places } from './places.ts';
import { ReplyPlaces } from './reply-places.ts';
import { forOneText, placed } from './span-settler.ts';
import type { ScanContext } from './span-settler.ts';
import { redactFile } from './text-file.ts';
import { redactArguments, redactNumber, redactString, redactWhole } from './text-passes.ts';
import { TokenEdits } from './token-edits.ts';
import { passUninspected } from './uninspectable.ts';

/** Names of fields, where they are not the caller's own: a pattern of an operator may know such a word as well. */
const PROTOCOL_NAME = /^[a-z][a-z_]{0,31}$/i;

/** @throws GatewayError where the finding's action is `block`, after it has been told. */
export function tell(log: RedactionLog, direction: Direction, finding: Finding, where: string): void {
  log.found(direction, finding, where);
  if (finding.action === 'block') throw secretDetected(finding.rule, where);
}

/** Redacts the strings, numbers and member names of one document, except the strings that `isElsewhere` claims. */
export class DocumentRedaction {
  readonly edits: TextEdit[] = [];
  private readonly context: ScanContext;
  private readonly certain: ScanContext;
  private readonly document: JsonDocument;
  private readonly direction: Direction;
  private readonly log: RedactionLog;
  private readonly isElsewhere: (node: JsonNode) => boolean;
  private readonly places: Places;
  /** Null where no placeholder is given its value back. */
  private readonly replyPlaces: ReplyPlaces | null;
  private readonly tokens: TokenEdits;
  /** Member names of the objects of which one was changed. */
  private readonly names = new Map<JsonNode, Set<string>>();

  constructor(
    context: ScanContext,
    document: JsonDocument,
    direction: Direction,
    log: RedactionLog,
    isElsewhere: (node: JsonNode) => boolean,
  ) {
    this.context = context;
    this.certain = { ...context, onlyCertain: true };
    this.document = document;
    this.direction = direction;
    this.log = log;
    this.isElsewhere = isElsewhere;
    this.places = new Places(context.rules);
    this.replyPlaces = context.restoration === null ? null : new ReplyPlaces(document);
    this.tokens = new TokenEdits(document, this.edits);
  }

  run(): void {
    this.visit(this.document.root, false);
  }

  private visit(node: JsonNode, isFreeForm: boolean): void {
    if (node.key !== null && (isFreeForm || !PROTOCOL_NAME.test(node.key)))
      this.inspectName(node, node.key, isFreeForm);
    if (this.isElsewhere(node)) return;
    if (node.kind === JsonKind.string) this.inspect(node, treatmentOf(this.document, node, isFreeForm), isFreeForm);
    else if (node.kind < JsonKind.string) {
      const isInside = isFreeForm || beginsFreeForm(node);
      for (const child of node.children) this.visit(child, isInside);
    }
    for (const place of numbersAt(this.document, node, isFreeForm)) this.inspectNumber(place, node);
  }

  /** @param node that it is, or is in */
  private inspectNumber({ start, end }: NumberPlace, node: JsonNode): void {
    const digits = this.document.text.slice(start, end);
    const redacted = redactNumber(this.context, nameOf(node), digits, (finding) =>
      tell(this.log, this.direction, finding, this.places.of(node)),
    );
    if (redacted === null) return;
    this.edits.push({ start, end, text: JSON.stringify(redacted) });
    this.tokens.changed(node);
  }

  private inspect(node: JsonNode, treatment: Treatment, isFreeForm: boolean): void {
    // What a provider sends as media is taken for it.
    if (treatment === 'sealed' || (treatment === 'payload' && this.direction === 'response')) return;
    if (treatment === 'plain' && !isFreeForm) this.tellBrokenFile(node);
    const text = this.document.string(node)!;
    const context = this.contextAt(node);
    const number = isFreeForm ? (context.restoration?.numberOf(text, context.place) ?? null) : null;
    if (number !== null) {
      this.edits.push({ start: node.start, end: node.end, text: number });
      return;
    }
    const redacted = this.redact(text, treatment, node, isFreeForm);
    if (redacted === text) return;
    this.edits.push({ start: node.start, end: node.end, text: JSON.stringify(redacted) });
    this.tokens.changed(node);
  }

  private redact(text: string, treatment: Treatment, node: JsonNode, isFreeForm: boolean): string {
    let where: string | null = null;
    const onFinding = (finding: Finding): void =>
      tell(this.log, this.direction, finding, (where ??= this.places.of(node)));
    const context = this.contextAt(node);
    if (treatment === 'arguments') return redactArguments(context, text, onFinding);
    if (treatment === 'structural') return redactWhole(this.certain, text, onFinding);
    if (treatment === 'file' || treatment === 'payload') return this.redactFile(text, onFinding);
    if (treatment === 'credential') return this.report(text, node, onFinding);
    return redactString(context, node.key, text, isFreeForm, onFinding);
  }

  private contextAt(node: JsonNode): ScanContext {
    return this.replyPlaces === null ? this.context : placed(this.context, this.replyPlaces.of(node));
  }

  private redactFile(text: string, found: (finding: Finding) => void): string {
    const { direction, log } = this;
    const { failsClosed } = this.context;
    return redactFile(this.context, text, {
      found,
      unread: (reason, isRefused) => passUninspected(isRefused && failsClosed, direction, reason, log),
    });
  }

  /** Read as text, where it may pass. */
  private tellBrokenFile(node: JsonNode): void {
    const { direction, log } = this;
    if (direction === 'request' && isBrokenFile(this.document, node))
      passUninspected(this.context.failsClosed, direction, 'encoding', log);
  }

  private report(text: string, { key }: JsonNode, onFinding: (finding: Finding) => void): string {
    redactString(this.context, key, text, false, (finding) => onFinding({ ...finding, action: 'report' }));
    return text;
  }

  /** A member name is masked by what it was and where it stood: two equal names would make the object ambiguous. */
  private inspectName(node: JsonNode, key: string, isFreeForm: boolean): void {
    let masked = '';
    const redacted = redactWhole(isFreeForm ? this.contextAt(node.parent!) : this.context, key, (finding) => {
      if (finding.action === 'mask') masked = `_${node.index}`;
      tell(this.log, this.direction, finding, inside(this.places.of(node.parent!)));
    });
    if (redacted === key) return;
    const end = this.document.nameEnd(node);
    const name = this.unused(redacted + masked, node);
    this.edits.push({ start: node.keyStart, end, text: JSON.stringify(name) });
  }

  /** Values that differ in case only have one hash. */
  private unused(name: string, { parent, index }: JsonNode): string {
    const owner = parent!;
    let used = this.names.get(owner);
    if (used === undefined) this.names.set(owner, (used = new Set(owner.children.map(({ key }) => key!))));
    while (used.has(name)) name += `_${index}`;
    used.add(name);
    return name;
  }
}

/** Edits inside another one fall away, and so do repeated ones. */
export function outermostEdits(edits: readonly TextEdit[]): TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  let end = -1;
  return sorted.filter((edit) => {
    if (edit.end <= end) return false;
    end = edit.end;
    return true;
  });
}

const NOWHERE = (): boolean => false;

export function redactDocument(
  context: ScanContext,
  document: JsonDocument,
  direction: Direction,
  log: RedactionLog,
): JsonDocument {
  if (context.rules.isCleanJson(document.text)) return document;
  const redaction = new DocumentRedaction(forOneText(context), document, direction, log, NOWHERE);
  redaction.run();
  if (redaction.edits.length === 0) return document;
  return document.edited(outermostEdits(redaction.edits));
}
