import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument } from '../core/json-document.ts';
import type { OwnKeys } from '../core/own-keys.ts';
import type { Redactor } from '../core/redaction.ts';
import type { Bytes } from '../core/units.ts';
import { asFields, takeUsage } from '../stream/usage.ts';
import { CHECKED_AT_ONCE, redactAside } from './redact-aside.ts';

/** A buffered reply larger than this is refused: nothing that a model writes is. */
export const MAX_REPLY_BYTES: Bytes = 64 * 1024 * 1024;

/** What must not pass. */
interface ReplyJudges {
  readonly redactor: Redactor;
  readonly ownKeys: OwnKeys;
}

/**
 * Reads usage and outcome off a buffered reply and redacts it. Returns the bytes it was given where nothing changes.
 * @throws GatewayError `secret_detected`; `upstream_unavailable` where the reply must be redacted but cannot be read
 */
export function inspectReply(
  bytes: Buffer,
  encoding: string | undefined,
  exchange: Exchange,
  judges: ReplyJudges,
): Buffer | Promise<Buffer> {
  if (isIdentity(encoding)) return inspect(bytes, bytes, exchange, judges);
  return inflateReply(bytes, encoding).then((plain) => inspect(bytes, plain, exchange, judges));
}

export function isIdentity(encoding: string | undefined): encoding is undefined {
  return encoding === undefined || encoding.toLowerCase() === 'identity';
}

/** @param inflated the bytes without their content-encoding; null where they cannot be decoded */
function inspect(
  came: Buffer,
  inflated: Buffer | null,
  exchange: Exchange,
  { redactor, ownKeys }: ReplyJudges,
): Buffer | Promise<Buffer> {
  if (came.length === 0) return came;
  const plain = inflated === null ? null : ownKeys.removedFrom(inflated);
  const bytes = plain === inflated ? came : plain!;
  const text = plain !== null && isUtf8(plain) ? withoutMark(plain.toString('utf8')) : null;
  const reply = text === null ? undefined : parse(text);
  if (reply !== undefined) meter(reply, exchange);
  if (!redactor.inspects('response')) return bytes;
  if (reply !== undefined && text!.length <= CHECKED_AT_ONCE && redactor.isClean(text!, 'response')) return bytes;
  if (reply === undefined) throw unreadable(plain, text, exchange, redactor);
  return redact(bytes, text!, exchange, redactor);
}

/** Some servers begin with a byte order mark, which JSON does not allow and clients skip. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function redact(bytes: Buffer, text: string, exchange: Exchange, redactor: Redactor): Buffer | Promise<Buffer> {
  const document = readDocument(text, exchange, redactor);
  if (document === null) return bytes;
  const toBytes = (clean: JsonDocument): Buffer => (clean === document ? bytes : Buffer.from(clean.text, 'utf8'));
  const clean = redactAside(redactor, document, 'response', exchange);
  return clean instanceof Promise ? clean.then(toBytes) : toBytes(clean);
}

/**
 * What `JSON.parse` accepts may still be ambiguous or too deep: then nobody knows what a client would read. Null where
 * that does not matter, as nothing is found in it.
 */
function readDocument(text: string, exchange: Exchange, redactor: Redactor): JsonDocument | null {
  try {
    return JsonDocument.parseReply(text);
  } catch {
    if (text.length > CHECKED_AT_ONCE && redactor.isClean(text, 'response')) return null;
    throw unreadable(null, text, exchange, redactor);
  }
}

/** Undefined where the text is not JSON, which no JSON is. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a parsed endpoint such a reply is refused by any policy: no client could read it either. Counted all the same. */
function unreadable(plain: Buffer | null, text: string | null, exchange: Exchange, redactor: Redactor): GatewayError {
  const cause = text !== null ? 'invalid_json' : plain === null ? 'encoding' : 'charset';
  redactor.uninspected('response', cause, exchange);
  return new GatewayError('upstream_unavailable', 'The reply of the provider is not JSON, so it cannot be redacted.');
}

const inflaters: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Asked for identity, some servers compress all the same. Null where the bytes are not what the header says. */
export async function inflateReply(bytes: Buffer, encoding: string): Promise<Buffer | null> {
  try {
    return (await inflaters[encoding.trim().toLowerCase()]?.(bytes, { maxOutputLength: MAX_REPLY_BYTES })) ?? null;
  } catch {
    return null;
  }
}

function meter(reply: unknown, exchange: Exchange): void {
  takeUsage(exchange, reply);
  exchange.tally?.whole(exchange.usage === null ? reply : null);
  if (exchange.translated === null) exchange.made?.whole(reply);
  const fields = asFields(reply);
  if (fields === null) return;
  if (exchange.trace !== null && typeof fields['model'] === 'string') exchange.responseModel = fields['model'];
  const choice = Array.isArray(fields['choices']) ? asFields(fields['choices'][0]) : null;
  const reason = choice === null ? (fields['stop_reason'] ?? fields['status']) : choice['finish_reason'];
  if (typeof reason === 'string') exchange.finishReason = reason;
  // Some servers answer 200 with an error: the bytes pass, the outcome does not.
  if (fields['error'] !== undefined && fields['error'] !== null) exchange.fail('error', 'upstream_error');
  exchange.observer?.whole(reply);
  exchange.content?.whole(reply);
}
