import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import { MAX_REPLY_BYTES } from './inspect-reply.ts';
import { replyHeaders } from './reply-headers.ts';
import { reasonPhrase, type IncomingReply, type RespondContext } from './reply.ts';
import { endReply } from './write-stream.ts';

/**
 * A reply that is read whole.
 * @param inspect returns the bytes it was given where nothing changes
 * @throws GatewayError
 */
export async function respondBuffered(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
  inspect: (bytes: Buffer) => Buffer | Promise<Buffer>,
): Promise<void> {
  const started = context.clock.now();
  const bytes = await collect(reply, exchange, context);
  exchange.upstreamMs += context.clock.now() - started;
  const inspected = inspect(bytes);
  sendBuffered(outgoing, exchange, reply, bytes, inspected instanceof Promise ? await inspected : inspected, context);
}

/** @param original the provider's bytes, whose headers fit `body` only where both are the same */
export function sendBuffered(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  original: Buffer,
  body: Buffer,
  { clock, stallTimeout }: RespondContext,
): void {
  const isChanged = body !== original;
  // A translated error may stand under another status than the provider gave it.
  exchange.status = reply.status;
  exchange.answered(clock.now());
  const headers = replyHeaders(reply.rawHeaders, exchange, isChanged);
  if (isChanged || reply.header('content-length') === undefined) headers.push('content-length', String(body.length));
  endReply(outgoing.writeHead(reply.status, reasonPhrase(reply), headers), body, stallTimeout);
}

function collect(reply: IncomingReply, exchange: Exchange, context: RespondContext): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    reply.pipeTo({
      data(chunk) {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) reply.stop('malformed_reply');
        else chunks.push(chunk);
      },
      end() {
        exchange.replyBytes = size;
        context.onWhole();
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
      },
      fail(failure) {
        if (failure.kind !== 'client_gone') context.onCut();
        reject(failure.kind === 'client_gone' ? failure : failure.toGatewayError(exchange.provider));
      },
    });
  });
}
