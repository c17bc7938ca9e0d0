import type { Clock } from './core/clock.ts';
import type { ReplyJudge } from './core/policy.ts';
import type { Redactor } from './core/redaction.ts';
import type { Bytes } from './core/units.ts';
import type { IncomingReply, ReplyEditor } from './ingress/reply.ts';
import { respond } from './ingress/respond.ts';
import { ReadReply, TranslatedReply } from './ingress/translated-reply.ts';
import type { OpenCall } from './open-calls.ts';
import type { ToldItems } from './told-items.ts';
import type { Reply } from './upstream/send.ts';

/** A reply of a provider, or one that was kept from an earlier request. */
export interface Replied extends Pick<Reply, 'body' | 'translation'> {
  readonly attempt: IncomingReply;
  /** Null: no target's health shows in it. */
  readonly breaker: Reply['breaker'] | null;
}

/** What happens to a reply on its way. */
export interface ReplyHandling {
  readonly redactor: Redactor;
  /** Null: no policy is about replies. */
  readonly judge: ReplyJudge | null;
  /** Null: nobody reads what is passed through. */
  readonly editor: ReplyEditor | null;
  readonly clock: Clock;
  /** Keeps what translated replies tell under ids. */
  readonly toldItems: ToldItems;
  /** The id of the principal. */
  readonly caller: string;
}

/**
 * Sends a provider's reply on in the client's protocol.
 * @returns when its last byte has been handed over or the client has gone
 * @throws GatewayError before the first byte; later errors are events of the stream
 */
export function sendReply(open: OpenCall, reply: Replied, handling: ReplyHandling): Promise<void> {
  const { exchange, outgoing, snapshot } = open;
  const { redactor, judge, editor, clock, toldItems, caller } = handling;
  const { timeouts, maxEventBytes } = snapshot.config.gateway;
  exchange.usageSource = reply.translation;
  const { incoming, body } = asTheClients(reply, maxEventBytes);
  return respond(outgoing, exchange, incoming, body, {
    redactor,
    judge,
    editor,
    ownKeys: snapshot.upstreams.get(exchange.provider)!.ownKeys,
    clock,
    stallTimeout: timeouts.writeStall,
    maxEventBytes,
    onCut: () => reply.breaker?.failed(),
    onWhole: () => {
      if (reply.attempt.status >= 400) return;
      reply.breaker?.succeeded();
      if (reply.translation !== null) toldItems.keep(caller, reply.translation.items());
    },
  });
}

interface ClientReply {
  readonly incoming: IncomingReply;
  /** Of an error reply that has been read already. */
  readonly body: Buffer | null;
}

function asTheClients({ attempt, body, translation }: Replied, maxEventBytes: Bytes): ClientReply {
  if (translation === null) return { incoming: attempt, body };
  const came = body === null ? attempt : new ReadReply(attempt, body);
  return { incoming: new TranslatedReply(came, translation, maxEventBytes), body: null };
}
