import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const LATEST_REPLY = Symbol('latest reply');

export type ReplyingSocket = Socket & { [LATEST_REPLY]?: ServerResponse };

/** The connections of a server, and what the latest request of each came to. */
export class OpenConnections {
  private readonly sockets = new Set<ReplyingSocket>();
  private isLeaving = false;

  constructor(server: Server) {
    server.on('connection', (socket: ReplyingSocket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  replies({ socket }: IncomingMessage, outgoing: ServerResponse): void {
    (socket as ReplyingSocket)[LATEST_REPLY] = outgoing;
    if (this.isLeaving) outgoing.shouldKeepAlive = false;
  }

  /** From now on every reply says that it is the last one of its connection: whoever uses that again would meet its end. */
  leave(): void {
    this.isLeaving = true;
    for (const { [LATEST_REPLY]: reply } of this.sockets)
      if (reply !== undefined && !reply.headersSent) reply.shouldKeepAlive = false;
  }

  /**
   * Those that have served and rest. One that has not been used yet stays: its request is on the way. So does one whose reply
   * was begun before anybody knew that it is the last: what comes next on it is served.
   */
  endIdle(): void {
    // What has arrived already is read first: after a pause of this process timers come before that.
    setImmediate(() => {
      for (const socket of this.sockets) if (hasReplied(socket)) socket.destroySoon();
    });
  }
}

function hasReplied({ [LATEST_REPLY]: reply }: ReplyingSocket): boolean {
  return reply !== undefined && reply.writableFinished && reply.req.complete;
}

/**
 * Whether a reply to an earlier request is still to come or under way on a connection: an answer of our own would become
 * part of it. A request that breaks off in its own body has no reply yet, and gets that answer.
 */
export function isReplying({ [LATEST_REPLY]: reply }: ReplyingSocket): boolean {
  if (reply === undefined || reply.writableFinished) return false;
  return reply.headersSent || reply.req.complete;
}

/** One that breaks off in its own body is being served, and counted there. */
export function isServed({ [LATEST_REPLY]: reply }: ReplyingSocket): boolean {
  return reply?.writableFinished === false;
}
