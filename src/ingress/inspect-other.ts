import { isUtf8 } from 'node:buffer';
import type { Exchange } from '../core/exchange.ts';
import { asUtf8 } from '../core/utf16.ts';
import type { Inspection } from './body-filter.ts';
import { inspectAs, inspectJson, inspectJsonAside, tryParse } from './inspect-json.ts';
import { inflateReply, isIdentity, MAX_REPLY_BYTES } from './inspect-reply.ts';
import type { IncomingReply, ReplyEditor, RespondContext } from './reply.ts';

/** A JSON reply of an endpoint that is not parsed. Returns the bytes it was given where nothing changes. */
export function inspectDocument(
  bytes: Buffer,
  reply: IncomingReply,
  exchange: Exchange,
  context: RespondContext,
): Buffer | Promise<Buffer> {
  return decoded(bytes, reply, exchange, context, async (plain, inspection) => {
    const edited = await editedBy(context.editor, plain);
    if (!context.redactor.inspects('response')) return edited;
    return inspectJsonAside(context.ownKeys.removedFrom(edited), inspection, exchange);
  });
}

async function editedBy(editor: ReplyEditor | null, plain: Buffer): Promise<Buffer> {
  if (editor === null || !isUtf8(plain)) return plain;
  const text = plain.toString('utf8');
  const edited = await editor.edit(text);
  return edited === text ? plain : Buffer.from(edited, 'utf8');
}

/**
 * An error reply of any endpoint: SDKs and people act on its wording, so that only what may not pass is replaced. It often
 * quotes the request, and sometimes the key that the gateway sent.
 */
export function inspectError(
  bytes: Buffer,
  reply: IncomingReply,
  exchange: Exchange,
  context: RespondContext,
): Buffer | Promise<Buffer> {
  const { redactor, ownKeys } = context;
  if (bytes.length === 0 || (ownKeys.isEmpty && !redactor.inspects('response'))) return bytes;
  return decoded(bytes, reply, exchange, context, (plain, inspection) => {
    return asUtf8(plain, (text) => {
      const own = ownKeys.removedFrom(text);
      return redactor.inspects('response') ? inspectAny(own, inspection) : own;
    });
  });
}

function decoded(
  bytes: Buffer,
  reply: IncomingReply,
  exchange: Exchange,
  { redactor }: RespondContext,
  inspect: (plain: Buffer, inspection: Inspection) => Buffer | Promise<Buffer>,
): Buffer | Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  const inspection: Inspection = { redactor, direction: 'response', log: exchange, maxBytes: MAX_REPLY_BYTES };
  const encoding = reply.header('content-encoding');
  if (isIdentity(encoding)) return inspect(bytes, inspection);
  return inflateReply(bytes, encoding).then(async (plain) => {
    if (plain === null) {
      if (redactor.inspects('response')) redactor.uninspected('response', 'encoding', exchange);
      // Some servers give a charset where the encoding stands.
      return isUtf8(bytes) ? inspect(bytes, inspection) : bytes;
    }
    const clean = await inspect(plain, inspection);
    return clean === plain ? bytes : clean;
  });
}

/** Errors come as JSON, as text and as pages, whatever their type says. */
function inspectAny(bytes: Buffer, inspection: Inspection): Buffer {
  const { redactor } = inspection;
  if (!isUtf8(bytes)) {
    redactor.uninspected('response', 'charset', inspection.log);
    return inspectAs('latin1', bytes, inspection);
  }
  const text = bytes.toString('utf8');
  if (redactor.isClean(text, 'response')) return bytes;
  return tryParse(text) === null ? inspectAs('utf8', bytes, inspection) : inspectJson(bytes, inspection);
}
