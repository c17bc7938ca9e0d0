import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument, JsonKind } from '../core/json-document.ts';
import type { Bytes } from '../core/units.ts';
import { decodeBody, readBody } from './read-body.ts';

interface JsonBody {
  /** As they came, still encoded. */
  readonly bytes: Buffer;
  /** The `content-encoding` of `bytes`; null for identity. */
  readonly encoding: string | null;
  /** An object. */
  readonly document: JsonDocument;
}

/** @param maxBytes of the body, also when inflated. @throws GatewayError 400, 408, 413, 415; ClientGoneError */
export async function readJson(
  incoming: IncomingMessage,
  exchange: Exchange,
  maxBytes: Bytes,
  clock: Clock,
): Promise<JsonBody> {
  const started = clock.now();
  const bytes = await readBody(incoming, exchange, maxBytes);
  exchange.waitedMs += clock.now() - started;
  const encoding = contentEncoding(incoming);
  const plain = encoding === null ? bytes : await decodeBody(bytes, encoding, maxBytes);
  return { bytes, encoding, document: parseBody(plain) };
}

/** Null for identity. */
export function contentEncoding(incoming: IncomingMessage): string | null {
  const encoding = incoming.headers['content-encoding']?.trim().toLowerCase();
  return encoding === undefined || encoding === '' || encoding === 'identity' ? null : encoding;
}

function parseBody(bytes: Buffer): JsonDocument {
  if (!isUtf8(bytes)) throw new GatewayError('invalid_json', 'The body is not valid UTF-8.');
  const document = JsonDocument.parse(bytes.toString('utf8'));
  if (document.root.kind !== JsonKind.object) throw new GatewayError('invalid_json', 'The body must be a JSON object.');
  return document;
}
