import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument, JsonKind } from '../core/json-document.ts';
import type { Redactor } from '../core/redaction.ts';
import type { Bytes } from '../core/units.ts';
import { addUsage } from '../stream/usage-meter.ts';

/** A buffered reply larger than this is refused: nothing that a model writes is. */
export const MAX_REPLY_BYTES: Bytes = 64 * 1024 * 1024;

/**
 * Reads usage and outcome off a buffered reply and redacts it. Returns the bytes it was given where nothing changes.
 * @throws GatewayError `secret_detected`; `upstream_unavailable` where the reply must be redacted but cannot be read
 */
export function inspectReply(
  bytes: Buffer,
  encoding: string | undefined,
  exchange: Exchange,
  redactor: Redactor,
): Buffer | Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return inspect(bytes, bytes, exchange, redactor);
  return inflateReply(bytes, encoding).then((plain) => inspect(bytes, plain, exchange, redactor));
}

/** @param plain the bytes without their content-encoding; null where they cannot be decoded */
function inspect(bytes: Buffer, plain: Buffer | null, exchange: Exchange, redactor: Redactor): Buffer {
  const document = plain === null ? null : readDocument(plain);
  const mustRedact = redactor.inspects('response');
  if (document === null) {
    if (!mustRedact) return bytes;
    throw new GatewayError(
      'upstream_unavailable',
      'The reply of the provider is not valid JSON, so it cannot be redacted.',
    );
  }
  meter(document, exchange);
  if (!mustRedact) return bytes;
  const clean = redactor.redactDocument(document, 'response', exchange);
  return clean === document ? bytes : Buffer.from(clean.text, 'utf8');
}

function readDocument(plain: Buffer): JsonDocument | null {
  try {
    return isUtf8(plain) ? JsonDocument.parse(plain.toString('utf8')) : null;
  } catch {
    return null;
  }
}

const inflaters: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Asked for identity, some servers compress all the same. Null where the bytes are not what the header says. */
async function inflateReply(bytes: Buffer, encoding: string): Promise<Buffer | null> {
  try {
    return (await inflaters[encoding.trim().toLowerCase()]?.(bytes, { maxOutputLength: MAX_REPLY_BYTES })) ?? null;
  } catch {
    return null;
  }
}

function meter(document: JsonDocument, exchange: Exchange): void {
  const { root } = document;
  addUsage(exchange, document, root);
  exchange.finishReason = finishReason(document);
  // Some servers answer 200 with an error: the bytes pass, the outcome does not.
  const error = document.member(root, 'error');
  if (error !== null && !document.isNull(error)) exchange.fail('error', 'upstream_error');
}

function finishReason(document: JsonDocument): string {
  const { root } = document;
  const choice = document.member(root, 'choices')?.children[0];
  const reason =
    choice !== undefined && choice.kind === JsonKind.object
      ? document.member(choice, 'finish_reason')
      : (document.member(root, 'stop_reason') ?? document.member(root, 'status'));
  return document.string(reason) ?? '';
}
