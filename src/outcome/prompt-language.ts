import type { ModelCall } from '../core/call.ts';
import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import { detectLanguage, LONGEST_SAMPLE } from './detect-language.ts';

const SUBTAG = /^([a-z]{2,3})(?:[-_]|$)/;

/** The language of a request, ISO 639: `metadata.language` where it is one (`de-AT` is de), else detected; or empty. */
export function promptLanguage(operation: Operation, { metadata, document }: ModelCall): string {
  const told = metadata.get('language')?.toLowerCase();
  const subtag = told === undefined ? undefined : SUBTAG.exec(told)?.[1];
  return subtag ?? detectLanguage(promptSample(operation, document));
}

/** The beginning of what the user said last. */
function promptSample(operation: Operation, document: JsonDocument): string {
  const { root } = document;
  const field =
    operation === 'chat' || operation === 'messages'
      ? 'messages'
      : operation === 'text_completion'
        ? 'prompt'
        : 'input';
  const said = document.member(root, field);
  if (said === null) return '';
  const last = said.children.at(-1);
  const isConversation = said.kind === JsonKind.array && last?.kind === JsonKind.object;
  return isConversation ? lastUserText(document, said) : textOf(document, said);
}

function lastUserText(document: JsonDocument, messages: JsonNode): string {
  for (let index = messages.children.length - 1; index >= 0; index--) {
    const message = messages.children[index]!;
    const content = document.member(message, 'content');
    if (content === null || document.string(document.member(message, 'role')) !== 'user') continue;
    const text = textOf(document, content);
    if (text !== '') return text; // else it brings the result of a tool, or a picture
  }
  return '';
}

/** A string, or the first text in a list of strings or parts. */
function textOf(document: JsonDocument, node: JsonNode): string {
  if (node.kind === JsonKind.string) return sample(document, node);
  for (const part of node.children) {
    const text = part.kind === JsonKind.object ? document.member(part, 'text') : part;
    if (text !== null && text.kind === JsonKind.string) return sample(document, text);
  }
  return '';
}

/** As `\uXXXX` a character is six. */
const LONGEST_ESCAPED = 6 * LONGEST_SAMPLE;

/** The beginning of a string, which itself may be megabytes long. */
function sample({ text }: JsonDocument, node: JsonNode): string {
  const start = node.start + 1;
  const end = node.end - 1;
  if (!node.hasEscape) return text.slice(start, Math.min(end, start + LONGEST_SAMPLE));
  const raw = text.slice(start, Math.min(end, start + LONGEST_ESCAPED));
  const whole = end - start > LONGEST_ESCAPED ? withoutHalfEscape(raw) : raw;
  return JSON.parse(`"${whole}"`) as string;
}

function withoutHalfEscape(raw: string): string {
  const last = raw.lastIndexOf('\\');
  if (last < raw.length - 6) return raw;
  let first = last;
  while (first > 0 && raw[first - 1] === '\\') first--;
  const begins = (last - first) % 2 === 0; // an even number before it: those are escaped themselves
  return begins ? raw.slice(0, last) : raw;
}
