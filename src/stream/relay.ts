import { SseParser, type SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';
import type { Bytes } from '../core/units.ts';

/** Bytes of an event stream in, bytes out: through the transforms in the order given, unchanged events as they came. */
export class StreamRelay {
  private readonly parser: SseParser;
  private readonly transforms: readonly StreamTransform[];
  /** `inlets[i]` hands an event to transform i; the last one collects what leaves. */
  private readonly inlets: readonly EmitEvent[];
  private leaving: Buffer[] = [];

  /** @param maxEventBytes a provider that never ends an event must not fill the memory */
  constructor(transforms: readonly StreamTransform[], maxEventBytes: Bytes) {
    this.parser = new SseParser(maxEventBytes);
    this.transforms = transforms;
    const inlets: EmitEvent[] = [(event) => this.collect(event)];
    for (const transform of transforms.toReversed()) {
      const next = inlets[0]!;
      inlets.unshift((event) => transform.push(event, next));
    }
    this.inlets = inlets;
  }

  /** What can leave now; null where all of it waits. @throws what a transform throws, SseEventTooLargeError */
  push(chunk: Buffer): Buffer | null {
    this.parser.push(chunk, this.inlets[0]!);
    return this.take();
  }

  /** The rest: an event without its blank line, and what transforms still hold. */
  finish(reason: 'end' | 'abort'): Buffer | null {
    const rest = this.parser.finish();
    if (rest !== null) this.inlets[0]!(rest);
    for (const [index, transform] of this.transforms.entries()) transform.flush(reason, this.inlets[index + 1]!);
    return this.take();
  }

  /** Neighbours in one chunk are one slice again, so that a chunk that passes unchanged is written as it came. */
  private collect({ raw }: SseEvent): void {
    const last = this.leaving.at(-1);
    if (last !== undefined && last.buffer === raw.buffer && last.byteOffset + last.length === raw.byteOffset) {
      this.leaving[this.leaving.length - 1] = Buffer.from(raw.buffer, last.byteOffset, last.length + raw.length);
    } else this.leaving.push(raw);
  }

  private take(): Buffer | null {
    const { leaving } = this;
    if (leaving.length === 0) return null;
    this.leaving = [];
    return leaving.length === 1 ? leaving[0]! : Buffer.concat(leaving);
  }
}
