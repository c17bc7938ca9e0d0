import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { Chars } from '../core/units.ts';
import type { Source } from './reading.ts';

interface WrittenText {
  readonly text: string;
  readonly source: Source;
}

/** Read of one request: of more than that its newest texts, and of a longer text the beginning and the end. */
export const MOST_CHARS: Chars = 256 * 1024;

/** The app's own words, and what the model said before. Any role that nobody knows may be anybody's. */
const NOT_ASKED = new Set(['system', 'developer', 'assistant']);
const TOOL_ROLES = new Set(['tool', 'function']);
/** Parts of messages that bring what somebody else wrote. */
const TOOL_PART = /_output$|_result$|^(?:document|input_file|mcp_call)$/;
/** Where messages, parts and documents keep text. */
const TEXT_FIELDS = new Set(['text', 'content', 'output', 'title', 'context', 'source', 'data']);

const FIELDS: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'messages',
  messages: 'messages',
  responses: 'input',
  text_completion: 'prompt',
};

/** What people and tools wrote in a request, newest first. Calls that no model answers have none. */
export function writtenTexts(operation: Operation, document: JsonDocument): WrittenText[] {
  const field = FIELDS[operation];
  const said = field === undefined ? null : document.member(document.root, field);
  const collector = new Collector(document);
  if (said !== null) collector.takeAll(said, 'user');
  return collector.texts;
}

class Collector {
  readonly texts: WrittenText[] = [];
  private readonly document: JsonDocument;
  private left = MOST_CHARS;

  constructor(document: JsonDocument) {
    this.document = document;
  }

  takeAll(node: JsonNode, source: Source): void {
    if (this.left <= 0) return;
    if (node.kind === JsonKind.string) this.take(node, source);
    else if (node.kind === JsonKind.object) this.takeObject(node, source);
    else for (let i = node.children.length - 1; i >= 0; i--) this.takeAll(node.children[i]!, source);
  }

  /** A message, a part of one, an item or a document. */
  private takeObject(node: JsonNode, outer: Source): void {
    const { document } = this;
    const role = document.string(document.member(node, 'role'));
    if (role !== null && NOT_ASKED.has(role)) return;
    const type = document.string(document.member(node, 'type')) ?? '';
    const isTool = (role !== null && TOOL_ROLES.has(role)) || TOOL_PART.test(type);
    const isPicture = type === 'base64'; // the source of an image or a PDF
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i]!;
      if (!TEXT_FIELDS.has(child.key!) || (isPicture && child.key === 'data')) continue;
      this.takeAll(child, isTool ? 'tool' : outer);
    }
  }

  private take(node: JsonNode, source: Source): void {
    const text = this.document.string(node)!;
    const taken = text.length <= this.left ? text : bothEnds(text, this.left);
    this.left -= taken.length;
    if (taken !== '') this.texts.push({ text: taken, source });
  }
}

function bothEnds(text: string, length: Chars): string {
  const half = Math.floor(length / 2);
  return `${text.slice(0, half)}\n${text.slice(text.length - half)}`;
}
