import type { IncomingReply, ReplySink } from './reply.ts';

/** A reply of which only a part is told in another way. */
export abstract class WrappedReply implements IncomingReply {
  protected readonly reply: IncomingReply;

  constructor(reply: IncomingReply) {
    this.reply = reply;
  }

  abstract pipeTo(sink: ReplySink): void;

  get status(): number {
    return this.reply.status;
  }

  get statusText(): string {
    return this.reply.statusText;
  }

  get rawHeaders(): readonly Buffer[] {
    return this.reply.rawHeaders;
  }

  get hasWaiting(): boolean {
    return this.reply.hasWaiting;
  }

  header(name: string): string | undefined {
    return this.reply.header(name);
  }

  pause(): void {
    this.reply.pause();
  }

  resume(): void {
    this.reply.resume();
  }

  stop(kind: 'malformed_reply'): void {
    this.reply.stop(kind);
  }
}
