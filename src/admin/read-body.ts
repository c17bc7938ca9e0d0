import { isUtf8 } from 'node:buffer';
import { JsonDocument } from '../core/json-document.ts';
import type { Bytes } from '../core/units.ts';
import { AdminError } from './errors.ts';

const MAX_BODY_BYTES: Bytes = 1024 * 1024;

/**
 * The body as JSON; an empty one is an empty object, so that a verb without arguments needs none.
 * @throws AdminError 413; GatewayError `invalid_json`, `json_too_deep`, `ambiguous_json`
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  if (length === 0) return {};
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new AdminError(400, 'invalid_json', 'The body is not UTF-8.');
  const document = JsonDocument.parse(bytes.toString('utf8'));
  return document.value(document.root);
}

function tooLarge(): AdminError {
  return new AdminError(413, 'body_too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
}
