import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { Chars } from '../core/units.ts';
import { asFields, objectsIn, parseJson, textIn, type Fields } from './fields.ts';

/** A schema that is larger is not validated. */
const MAX_SCHEMA: Chars = 64 * 1024;
/** All tools of a request together. */
const MAX_TOOLS: Chars = 4 * MAX_SCHEMA;

/** What `json_object` asks for. */
const ANY_OBJECT = '{"type":"object"}';
/** A schema that everything holds to. */
const ANYTHING = true;
const NOT_VALIDATED = null;

/**
 * What the app asked of the reply. The app's words count, not what an arm made of them: both arms must be measured by
 * the same rule. Held as copies of the request's text, read only once there is something to validate, so that a long
 * stream keeps neither the body nor its tree.
 */
export interface Expectation {
  /** JSON was asked for, with the text of its schema, empty for any JSON; `unknown`: of a schema too large to be validated. */
  readonly json: { readonly schema: string } | 'unknown' | null;
  /** Text of the list of tools; null: none were given, or too many to be validated. */
  readonly tools: string | null;
}

const NOTHING: Expectation = { json: null, tools: null };

export function readExpectation(operation: Operation, document: JsonDocument): Expectation {
  if (operation === 'text_completion') return NOTHING;
  const format = formatOf(operation, document);
  const tools = document.member(document.root, 'tools') ?? document.member(document.root, 'functions');
  if (format === null && tools === null) return NOTHING;
  return { json: format === null ? null : readFormat(document, format), tools: copy(document, tools, MAX_TOOLS) };
}

/**
 * Where each protocol has it.
 * @source https://platform.openai.com/docs/guides/structured-outputs and
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs (`output_format` was its name in the beta)
 */
function formatOf(operation: Operation, document: JsonDocument): JsonNode | null {
  const { root } = document;
  const inside = (outer: string, name: string): JsonNode | null => {
    const node = document.member(root, outer);
    return node === null ? null : document.member(node, name);
  };
  if (operation === 'chat') return document.member(root, 'response_format');
  if (operation === 'responses') return inside('text', 'format');
  return inside('output_config', 'format') ?? document.member(root, 'output_format');
}

function readFormat(document: JsonDocument, format: JsonNode): Expectation['json'] {
  const type = document.string(document.member(format, 'type'));
  if (type === 'json_object') return { schema: ANY_OBJECT };
  if (type !== 'json_schema') return null;
  const schema = document.member(document.member(format, 'json_schema') ?? format, 'schema');
  if (schema === null || schema.children.length === 0) return { schema: '' };
  const text = copy(document, schema, MAX_SCHEMA);
  return text === null ? 'unknown' : { schema: text };
}

/** Not a slice, which would keep the whole body alive. */
function copy({ text }: JsonDocument, node: JsonNode | null, limit: Chars): string | null {
  if (node === null || node.children.length === 0 || node.end - node.start > limit) return null;
  return Buffer.from(text.slice(node.start, node.end), 'utf8').toString('utf8');
}

/** The tools that a reply may call, with the schemas of their arguments. */
export interface Tools {
  /** Undefined: no such tool. Null: one whose schema is too large to be validated. */
  schemaOf(name: string): unknown;
  /** There may be more than the request names: those of a server, or found by a search. */
  readonly isOpen: boolean;
}

const OPEN_TYPES = /mcp|tool_search|toolset/;

/** @param text of `tools` or the older `functions`, in the form of any of the protocols */
export function readTools(text: string): Tools {
  const schemas = new Map<string, unknown>();
  let isOpen = false;
  const add = (tool: Fields): void => {
    const holder = asFields(tool['function']) ?? tool;
    isOpen ||= OPEN_TYPES.test(textIn(tool, 'type'));
    objectsIn(tool['tools']).forEach(add); // a namespace
    const name = textIn(holder, 'name');
    if (name !== '') schemas.set(name, schemaIn(holder));
  };
  objectsIn(parseJson(text)).forEach(add);
  return { schemaOf: (name) => schemas.get(name), isOpen };
}

function schemaIn(tool: Fields): unknown {
  const schema = tool['parameters'] ?? tool['input_schema'];
  if (schema === undefined || schema === null) return ANYTHING;
  return JSON.stringify(schema).length > MAX_SCHEMA ? NOT_VALIDATED : schema;
}
