const KEEP_ALIVE_MS = 15_000;
/** Events that a client may fall behind by; it is cut off then and comes back with `Last-Event-ID`. */
const MAX_BUFFERED = 256;
/** The latest events that a client which comes back may have missed. */
export const MAX_MISSED = 1_000;

/** One event as it is sent. */
export interface Frame {
  /** In the sequence of the store; null: it is in none, and not sent again. */
  readonly id: number | null;
  readonly type: string;
  /** One JSON value. */
  readonly data: unknown;
}

/** What the store holds. */
export interface MissedEvents {
  /** The id of the newest event there is. */
  readonly newest: number;
  /** Oldest first. */
  readonly frames: readonly Frame[];
}

interface Client {
  readonly output: ReadableStreamDefaultController<Uint8Array>;
  /** The newest event that it has: others may have told it more than this gateway knows. */
  lastId: number;
  /** What came while it is read what the client has missed; null: it has all. */
  waiting: Frame[] | null;
}

const encoder = new TextEncoder();

/** Sends every event to every listener of `GET /events`. A slow listener delays nobody. */
export class EventHub {
  private readonly missedSince: (id: number) => Promise<MissedEvents>;
  private readonly clients = new Set<Client>();
  private readonly keepAlive: NodeJS.Timeout;

  /** @param missedSince the events after an id, `MAX_MISSED` at most, which are the newest */
  constructor(missedSince: (id: number) => Promise<MissedEvents>) {
    this.missedSince = missedSince;
    this.keepAlive = setInterval(() => this.keepAllAlive(), KEEP_ALIVE_MS);
    this.keepAlive.unref();
  }

  publish(frame: Frame): void {
    for (const client of this.clients) this.tell(client, frame);
  }

  /**
   * A stream of server-sent events from now on, after those that came since `lastEventId`, whichever gateway has sent that
   * one: each once, in order.
   * @source https://html.spec.whatwg.org/multipage/server-sent-events.html
   * @throws what reading them throws
   */
  async open(lastEventId: number | null): Promise<ReadableStream<Uint8Array>> {
    const capacity = lastEventId === null ? MAX_BUFFERED : MAX_MISSED + 2 * MAX_BUFFERED;
    let client: Client;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (output) => {
          client = { output, lastId: 0, waiting: lastEventId === null ? null : [] };
          this.clients.add(client);
          this.send(client, ': connected\n\n');
        },
        cancel: () => {
          this.clients.delete(client);
        },
      },
      { highWaterMark: capacity },
    );
    if (lastEventId !== null) await this.catchUp(client!, lastEventId);
    return stream;
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.keepAlive);
    for (const client of this.clients) this.drop(client);
  }

  private async catchUp(client: Client, lastEventId: number): Promise<void> {
    try {
      const { newest, frames } = await this.missedSince(lastEventId);
      const waiting = client.waiting!;
      // The id of another store says nothing of what is to come here.
      client.lastId = Math.min(lastEventId, newest);
      client.waiting = null;
      for (const frame of [...frames, ...waiting]) this.tell(client, frame);
    } catch (error) {
      this.clients.delete(client);
      throw error;
    }
  }

  private tell(client: Client, frame: Frame): void {
    const { id, type, data } = frame;
    if (client.waiting !== null) {
      client.waiting.push(frame);
      if (client.waiting.length > MAX_BUFFERED) this.drop(client);
      return;
    }
    if (id !== null && id <= client.lastId) return;
    client.lastId = id ?? client.lastId;
    this.send(client, `${id === null ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private keepAllAlive(): void {
    for (const client of this.clients) this.send(client, ': keep-alive\n\n');
  }

  private send(client: Client, text: string): void {
    if (!this.clients.has(client)) return;
    if ((client.output.desiredSize ?? 0) <= 0) this.drop(client);
    else client.output.enqueue(encoder.encode(text));
  }

  private drop(client: Client): void {
    this.clients.delete(client);
    client.output.close();
  }
}
