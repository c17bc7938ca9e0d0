import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import { sendHead, type IncomingReply, type RespondContext } from './reply.ts';
import { StreamWriter } from './write-stream.ts';

/** Bytes as they come, whatever they are: unknown paths, files, audio. */
export function relayBytes(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  return new Promise((resolve) => {
    const writer = new StreamWriter(outgoing, reply, context.stallTimeout);
    sendHead(outgoing, exchange, reply, context.clock, false);
    reply.pipeTo({
      data: (chunk) => writer.write(chunk),
      end() {
        context.onWhole();
        writer.end();
        resolve();
      },
      fail(failure) {
        if (failure.kind === 'client_gone') writer.close();
        else {
          exchange.fail('truncated', failure.toGatewayError(exchange.provider).code);
          writer.breakOff(null);
          context.onCut();
        }
        resolve();
      },
    });
  });
}
