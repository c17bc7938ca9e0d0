import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** How the other side left: in order, or with a reset. */
export type Ending = 'closed' | 'reset';

/** A client below HTTP: what it sends is up to the test, byte by byte. */
export class RawConnection {
  /** How the gateway ended the connection. */
  readonly ended: Promise<Ending>;
  private readonly socket: Socket;
  private received = '';
  private waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      for (const check of this.waiting) check();
    });
    this.ended = new Promise((resolve) => {
      socket.on('end', () => resolve('closed')).on('error', () => resolve('reset'));
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** All that has come so far, one character a byte. */
  get text(): string {
    return this.received;
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Says that nothing more will be sent, and goes on reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Leaves as a process that dies does. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Leaves in order, reading nothing more. */
  close(): void {
    this.socket.destroy();
  }

  /** Stops reading, so that the kernel's buffers fill. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Resolves with all that has come as soon as it holds `text`. */
  until(text: string): Promise<string> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.received.includes(text)) return;
        this.waiting = this.waiting.filter((each) => each !== check);
        resolve(this.received);
      };
      this.waiting.push(check);
      check();
    });
  }

  /** Everything up to the end of the connection. */
  async untilEnd(): Promise<string> {
    await this.ended;
    return this.received;
  }
}

/** The bytes of a request; a body brings its length. */
export function rawRequest(
  target: string,
  {
    method = 'POST',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): string {
  const framing = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: 'gateway', ...framing, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
