import { JsonDocument, JsonKind } from '../../core/json-document.ts';
import type { JsonNode, TextEdit } from '../../core/json-document.ts';
import { beginsFreeForm, treatmentOf } from '../inspected-fields.ts';

/** Without a letter there is no name in it. */
const LETTER = /\p{L}/u;
const JSON_BEGIN = /^\s*[{[]/;

/** One text that detectors are asked about, and where it stands. */
export interface AskedText {
  readonly text: string;
  /** The string of the document that it is, or is in. */
  readonly node: JsonNode;
  /** The document and the string of it that is this text: of the request, or of the JSON text in `node`. */
  readonly document: JsonDocument;
  readonly inner: JsonNode;
}

/** Everything that a person, a tool or a model wrote; of JSON text in it, as tools take and give it, the strings. */
export function askedTexts(document: JsonDocument): AskedText[] {
  const asked: AskedText[] = [];
  visitTexts(document, (node, text) => {
    const nested = JSON_BEGIN.test(text) ? nestedDocument(text) : null;
    if (nested === null) asked.push({ text, node, document, inner: node });
    else visitStrings(nested.root, (inner) => addInner(asked, node, nested, inner));
  });
  return asked;
}

function addInner(asked: AskedText[], node: JsonNode, document: JsonDocument, inner: JsonNode): void {
  const text = document.string(inner)!;
  if (LETTER.test(text)) asked.push({ text, node, document, inner });
}

function visitTexts(document: JsonDocument, found: (node: JsonNode, text: string) => void): void {
  const visit = (node: JsonNode, isFreeForm: boolean): void => {
    if (node.kind === JsonKind.string) {
      const treatment = treatmentOf(document, node, isFreeForm);
      const text = treatment === 'plain' || treatment === 'arguments' ? document.string(node)! : '';
      if (LETTER.test(text)) found(node, text);
    } else if (node.kind < JsonKind.string) {
      const isInside = isFreeForm || beginsFreeForm(node);
      for (const child of node.children) visit(child, isInside);
    }
  };
  visit(document.root, false);
}

function visitStrings(node: JsonNode, found: (node: JsonNode) => void): void {
  if (node.kind === JsonKind.string) found(node);
  else if (node.kind < JsonKind.string) for (const child of node.children) visitStrings(child, found);
}

function nestedDocument(text: string): JsonDocument | null {
  try {
    return JsonDocument.parseReply(text);
  } catch {
    return null; // it only looks like JSON
  }
}

/** A text as it is after redaction. */
export interface ChangedText {
  readonly asked: AskedText;
  readonly text: string;
}

/** The changes of the document. */
export function editsFor(changed: readonly ChangedText[]): TextEdit[] {
  const edits: TextEdit[] = [];
  const nested = new Map<JsonNode, { readonly document: JsonDocument; readonly edits: TextEdit[] }>();
  for (const { asked, text } of changed) {
    const { node, document, inner } = asked;
    const edit = { start: inner.start, end: inner.end, text: JSON.stringify(text) };
    if (inner === node) edits.push(edit);
    else {
      const known = nested.get(node);
      if (known === undefined) nested.set(node, { document, edits: [edit] });
      else known.edits.push(edit);
    }
  }
  for (const [node, { document, edits: inner }] of nested)
    edits.push({ start: node.start, end: node.end, text: JSON.stringify(document.edited(inner).text) });
  return edits;
}
