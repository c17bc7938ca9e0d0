import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';
import type { Bytes } from '../core/units.ts';
import { readJson } from './read-json.ts';

const MAX_BODY: Bytes = 8 * 1024;
const FIELDS = new Set(['request_id', 'name', 'value']);
const NAME = /^[a-zA-Z0-9._-]{1,64}$/;
const LONGEST_ID = 128;
/** Of a number without its sign: one of 1e308 would be all of a mean, and its square no number any more. */
const LARGEST_VALUE = 1e9;

interface ReadFeedback {
  readonly requestId: string;
  readonly name: string;
  readonly value: boolean | number;
}

/**
 * The body of `POST /v1/feedback`: `{"request_id": text, "name": name, "value": true, false or a number}`.
 * @throws GatewayError as `readJson`, and `invalid_request`, which names the field
 */
export async function readFeedback(incoming: IncomingMessage, exchange: Exchange, clock: Clock): Promise<ReadFeedback> {
  const { document } = await readJson(incoming, exchange, MAX_BODY, clock);
  const unknown = document.root.children.find(({ key }) => !FIELDS.has(key!));
  if (unknown !== undefined)
    throw invalid(unknown.key!.slice(0, LONGEST_ID), 'is not known; send request_id, name and value');
  return { requestId: readId(document), name: readName(document), value: readValue(document) };
}

function readId(document: JsonDocument): string {
  const id = document.string(document.member(document.root, 'request_id'));
  if (id === null || id === '' || id.length > LONGEST_ID)
    throw invalid('request_id', 'must be the x-sluice-request-id of the reply that the value is for');
  return id;
}

function readName(document: JsonDocument): string {
  const name = document.string(document.member(document.root, 'name'));
  if (name === null || !NAME.test(name))
    throw invalid('name', 'must be 1 to 64 letters, digits, dots, dashes or underscores');
  return name;
}

function readValue(document: JsonDocument): boolean | number {
  const node = document.member(document.root, 'value');
  const value = node === null ? null : (document.number(node) ?? booleanOf(document, node));
  if (value === null || (typeof value === 'number' && !Number.isFinite(value)))
    throw invalid('value', 'must be true, false or a finite number');
  if (typeof value === 'number' && Math.abs(value) > LARGEST_VALUE)
    throw invalid('value', 'must be a number from -1e9 to 1e9');
  return value;
}

function booleanOf(document: JsonDocument, node: JsonNode): boolean | null {
  if (node.kind !== JsonKind.literal || document.isNull(node)) return null;
  return document.isTrue(node);
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', `"${param}" ${message}.`, { param });
}
