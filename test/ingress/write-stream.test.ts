import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { endReply, StreamWriter } from '../../src/ingress/write-stream.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { serve } from './support.ts';

/** More than the kernel takes for a client that does not read. */
const FLOOD = Buffer.alloc(16 * 1024 * 1024, 'x');

class Source {
  paused = 0;
  resumed = 0;
  private tell: () => void = () => {};
  readonly isResumed = new Promise<void>((resolve) => (this.tell = resolve));

  pause(): void {
    this.paused++;
  }

  resume(): void {
    this.resumed++;
    this.tell();
  }
}

/** A response whose client is the test's to read, or not. */
async function open(): Promise<{ connection: RawConnection; outgoing: ServerResponse }> {
  let resolve: (outgoing: ServerResponse) => void = () => {};
  const opened = new Promise<ServerResponse>((settle) => (resolve = settle));
  const port = await serve((_incoming, outgoing) => resolve(outgoing));
  const connection = await RawConnection.open(port);
  connection.send(rawRequest('/'));
  return { connection, outgoing: await opened };
}

describe('a writer', () => {
  it('pauses its source while the client does not read, and resumes it when it does', async () => {
    const { connection, outgoing } = await open();
    connection.pause();
    const source = new Source();
    const writer = new StreamWriter(outgoing, source, 60_000);
    writer.write(FLOOD);
    writer.write(Buffer.from('more'));
    expect([source.paused, source.resumed]).toEqual([1, 0]);
    connection.resume();
    await source.isResumed;
    writer.end();
    expect(await connection.until('0\r\n\r\n')).toContain('more');
    expect(source).toMatchObject({ paused: 1, resumed: 1 });
  });

  it('cuts off a client that reads nothing for the time of a stall', async () => {
    const { connection, outgoing } = await open();
    connection.pause();
    new StreamWriter(outgoing, new Source(), 30).write(FLOOD);
    await once(outgoing, 'close');
    expect(outgoing.writableFinished).toBe(false);
  });

  it.each(['whole reply', 'end of a stream', 'last event'])(
    'cuts off a client that does not take the %s',
    async (what) => {
      const { connection, outgoing } = await open();
      connection.pause();
      const writer = new StreamWriter(outgoing, new Source(), 30);
      if (what === 'whole reply') endReply(outgoing, FLOOD, 30);
      else {
        writer.write(FLOOD);
        if (what === 'last event') writer.breakOff(Buffer.from('event'));
        else writer.end();
      }
      await once(outgoing, 'close');
      expect(outgoing.writableFinished).toBe(false);
    },
  );

  it('lets a client that reads take a whole reply, and the connection serve the next request', async () => {
    const { connection, outgoing } = await open();
    endReply(outgoing.writeHead(200, { 'content-length': FLOOD.length }), FLOOD, 60_000);
    await once(outgoing, 'close');
    expect(outgoing.writableFinished).toBe(true);
    connection.close();
  });

  it('breaks off after its last event without ending the body', async () => {
    const { connection, outgoing } = await open();
    const writer = new StreamWriter(outgoing, new Source(), 60_000);
    writer.write(Buffer.from('one'));
    writer.breakOff(Buffer.from('event'));
    const text = await connection.untilEnd();
    expect(text).toMatch(/3\r\none\r\n5\r\nevent\r\n$/);
  });

  it('writes nothing to a client that is gone', async () => {
    const { connection, outgoing } = await open();
    connection.reset();
    await once(outgoing, 'close');
    const source = new Source();
    const writer = new StreamWriter(outgoing, source, 30);
    writer.write(FLOOD);
    writer.close();
    expect(source.paused).toBe(0);
  });
});
