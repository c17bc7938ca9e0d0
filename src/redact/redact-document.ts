import { GatewayError } from '../core/errors.ts';
import { applyEdits, JsonDocument, JsonKind } from '../core/json-document.ts';
import type { JsonNode, TextEdit } from '../core/json-document.ts';
import type { Direction, Finding, RedactionLog } from '../core/redaction.ts';
import { EDGE } from './char-set.ts';
import { beginsFreeForm, isSealed, treatmentOf } from './inspected-fields.ts';
import type { Treatment } from './inspected-fields.ts';
import { Lane } from './lane.ts';
import { TextScanner } from './text-scanner.ts';
import type { ScanContext, ScanEdit } from './span-settler.ts';

/** @throws GatewayError where the finding's action is `block`, after it has been told. */
export function tell(log: RedactionLog, direction: Direction, finding: Finding, where: string): void {
  log.found(direction, finding, where);
  if (finding.action !== 'block') return;
  const place = where === '' ? 'the text' : where;
  const message = `The rule ${finding.rule} found a value in ${place} that may not pass; remove it.`;
  throw new GatewayError('secret_detected', message, where === '' ? {} : { param: where });
}

/** Where a value stands. A member name that may be a value itself is left out: places are logged. */
export function placeOf(context: ScanContext, document: JsonDocument, node: JsonNode): string {
  for (let at: JsonNode | null = node; at !== null; at = at.parent) {
    const path = document.path(at);
    if (context.rules.isClean(path)) return at === node ? path : `${path}.*`;
  }
  return '*';
}

/** One text that is there in full. */
export function redactWhole(context: ScanContext, text: string, onFinding: (finding: Finding) => void): string {
  if (context.rules.isClean(text)) return text;
  const edits: TextEdit[] = [];
  const edit = ({ start, end, text: replacement }: ScanEdit): void => {
    if (replacement !== null) edits.push({ start, end, text: replacement });
  };
  new TextScanner(context, { edit, found: onFinding }).scanWhole(text);
  return applyEdits(text, edits);
}

/** JSON text inside a string: judged decoded, whether it is whole or was streamed. */
function redactArguments(context: ScanContext, text: string, onFinding: (finding: Finding) => void): string {
  if (context.rules.isCleanJson(text)) return text;
  const lane = new Lane(context, 'arguments', onFinding);
  lane.push(text);
  lane.finish(false);
  return lane.rewrite(text, 0);
}

/** Redacts the strings of one document, except those that `isElsewhere` claims. */
export class DocumentRedaction {
  readonly edits: TextEdit[] = [];
  private readonly context: ScanContext;
  private readonly document: JsonDocument;
  private readonly direction: Direction;
  private readonly log: RedactionLog;
  private readonly isElsewhere: (node: JsonNode) => boolean;

  constructor(
    context: ScanContext,
    document: JsonDocument,
    direction: Direction,
    log: RedactionLog,
    isElsewhere: (node: JsonNode) => boolean,
  ) {
    this.context = context;
    this.document = document;
    this.direction = direction;
    this.log = log;
    this.isElsewhere = isElsewhere;
  }

  run(): void {
    this.visit(this.document.root, false);
  }

  private visit(node: JsonNode, isFreeForm: boolean): void {
    if (this.isElsewhere(node)) return;
    if (isFreeForm && node.key !== null) this.inspectName(node);
    if (node.kind === JsonKind.string) this.inspect(node, treatmentOf(this.document, node, isFreeForm));
    else if (node.kind < JsonKind.string && (isFreeForm || !isSealed(this.document, node))) {
      const isInside = isFreeForm || beginsFreeForm(node);
      for (const child of node.children) this.visit(child, isInside);
    }
  }

  private inspect(node: JsonNode, treatment: Treatment): void {
    if (treatment === 'skip') return;
    const { context, document } = this;
    const text = document.string(node)!;
    const onFinding = (finding: Finding): void =>
      tell(this.log, this.direction, finding, placeOf(context, document, node));
    let redacted: string;
    if (treatment === 'arguments') redacted = redactArguments(context, text, onFinding);
    else if (node.key !== null && !context.rules.isClean(node.key))
      redacted = this.redactNamed(node.key, text, onFinding);
    else redacted = redactWhole(context, text, onFinding);
    if (redacted === text) return;
    this.edits.push({ start: node.start, end: node.end, text: JSON.stringify(redacted) });
    this.edits.push(...tokenEdits(document, node));
  }

  /** The member's name belongs to what is judged: `"aws_secret_access_key": "…"`. */
  private redactNamed(name: string, text: string, onFinding: (finding: Finding) => void): string {
    const prefix = `${name}=${EDGE}`;
    const shifted = (finding: Finding): void => {
      if (finding.start >= prefix.length) {
        onFinding({ ...finding, start: finding.start - prefix.length, end: finding.end - prefix.length });
      }
    };
    const edits: TextEdit[] = [];
    const edit = ({ start, end, text: replacement }: ScanEdit): void => {
      if (replacement === null || start < prefix.length) return;
      edits.push({ start: start - prefix.length, end: end - prefix.length, text: replacement });
    };
    new TextScanner(this.context, { edit, found: shifted }).scanWhole(prefix + text);
    return applyEdits(text, edits);
  }

  /** A member name is masked by what it was and where it stood: two equal names would make the object ambiguous. */
  private inspectName(node: JsonNode): void {
    const key = node.key!;
    const where = `${placeOf(this.context, this.document, node.parent!)}.*`;
    let masked = '';
    const redacted = redactWhole(this.context, key, (finding) => {
      if (finding.action === 'mask') masked = `_${node.index}`;
      tell(this.log, this.direction, finding, where);
    });
    if (redacted === key) return;
    const { text } = this.document;
    const end = text.lastIndexOf('"', text.lastIndexOf(':', node.start)) + 1;
    this.edits.push({ start: node.keyStart, end, text: JSON.stringify(redacted + masked) });
  }
}

/** Log probabilities repeat the text token by token: where the text changed, they would give it away, so they are emptied. */
export function tokenEdits(document: JsonDocument, node: JsonNode): TextEdit[] {
  const edits: TextEdit[] = [];
  for (let owner = node.parent; owner !== null; owner = owner.parent) {
    const tokens = document.member(owner, 'logprobs');
    if (tokens === null || tokens.kind > JsonKind.array || contains(tokens, node)) continue;
    edits.push({ start: tokens.start, end: tokens.end, text: tokens.kind === JsonKind.array ? '[]' : 'null' });
  }
  return edits;
}

function contains(outer: JsonNode, inner: JsonNode): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
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
  const redaction = new DocumentRedaction(context, document, direction, log, NOWHERE);
  redaction.run();
  if (redaction.edits.length === 0) return document;
  return JsonDocument.parse(applyEdits(document.text, outermostEdits(redaction.edits)));
}
