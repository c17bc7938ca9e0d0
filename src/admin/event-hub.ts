const KEEP_ALIVE_MS = 15_000;
/** Events that a client may fall behind by; it is cut off then and comes back with `Last-Event-ID`. */
const MAX_BUFFERED = 256;
/** Events kept for clients that come back. */
const MAX_KEPT = 256;

interface HubEvent {
  readonly id: number;
  readonly text: string;
}

type Client = ReadableStreamDefaultController<Uint8Array>;

const encoder = new TextEncoder();

/** Sends every event to every listener of `GET /events`. A slow listener delays nobody. */
export class EventHub {
  private readonly clients = new Set<Client>();
  private readonly kept: HubEvent[] = [];
  private readonly keepAlive: NodeJS.Timeout;
  private lastId = 0;

  constructor() {
    this.keepAlive = setInterval(() => this.sendAll(': keep-alive\n\n'), KEEP_ALIVE_MS);
    this.keepAlive.unref();
  }

  /** @param data one JSON value */
  publish(type: string, data: unknown): void {
    const id = ++this.lastId;
    const text = `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    this.kept.push({ id, text });
    if (this.kept.length > MAX_KEPT) this.kept.shift();
    this.sendAll(text);
  }

  /**
   * A stream of server-sent events from now on, after those that came since `lastEventId`. Ids count within one process.
   * @source https://html.spec.whatwg.org/multipage/server-sent-events.html
   */
  open(lastEventId: number | null): ReadableStream<Uint8Array> {
    let client: Client;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = controller;
          this.clients.add(client);
          this.send(client, ': connected\n\n');
          for (const { text } of this.missedSince(lastEventId)) this.send(client, text);
        },
        cancel: () => {
          this.clients.delete(client);
        },
      },
      { highWaterMark: MAX_KEPT + MAX_BUFFERED },
    );
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.keepAlive);
    for (const client of this.clients) this.drop(client);
  }

  private missedSince(lastEventId: number | null): readonly HubEvent[] {
    return lastEventId === null ? [] : this.kept.filter(({ id }) => id > lastEventId);
  }

  private sendAll(text: string): void {
    for (const client of this.clients) this.send(client, text);
  }

  private send(client: Client, text: string): void {
    if ((client.desiredSize ?? 0) <= 0) this.drop(client);
    else client.enqueue(encoder.encode(text));
  }

  private drop(client: Client): void {
    this.clients.delete(client);
    client.close();
  }
}
