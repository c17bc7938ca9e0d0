import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseEventTooLargeError, type SseEvent } from '../../src/core/sse.ts';
import type { EmitEvent, StreamTransform } from '../../src/core/stream-transform.ts';
import { StreamRelay } from '../../src/stream/relay.ts';
import { splitAt } from '../support/split-bytes.ts';

const MAX_EVENT_BYTES = 1024 * 1024;

const nothing: StreamTransform = { push: (event, emit) => emit(event), flush: () => {} };

/** Appends its mark to the data of every event; at the end it lets out what it held. */
class Marking implements StreamTransform {
  private held: SseEvent | null = null;
  private readonly mark: string;

  constructor(mark: string) {
    this.mark = mark;
  }

  push(event: SseEvent, emit: EmitEvent): void {
    this.flushHeld(emit);
    this.held = event.withData(event.data + this.mark);
  }

  flush(reason: 'end' | 'abort', emit: EmitEvent): void {
    this.flushHeld(emit);
    if (reason === 'abort' && this.held !== null) emit(this.held.withData(`${this.mark} aborted`));
  }

  private flushHeld(emit: EmitEvent): void {
    if (this.held !== null) emit(this.held);
  }
}

function run(relay: StreamRelay, chunks: readonly Buffer[], reason: 'end' | 'abort' = 'end'): Buffer {
  const parts = chunks.map((chunk) => relay.push(chunk));
  parts.push(relay.finish(reason));
  return Buffer.concat(parts.filter((part) => part !== null));
}

const bytes = fc
  .array(
    fc.constantFrom(
      'data: {"a":1}',
      ': ping',
      'event: x',
      'data: é日🙂',
      '\n',
      '\n\n',
      '\r\n\r\n',
      '\r',
      'data',
      '\ufeff',
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'utf8'));

describe('a relay', () => {
  it.each([
    ['no transform', []],
    ['transforms that change nothing', [nothing, nothing]],
  ])('with %s hands on every byte as it came', (_name, transforms) => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat({ max: 200 }), { maxLength: 10 }), (input, cuts) => {
        expect(run(new StreamRelay(transforms, MAX_EVENT_BYTES), splitAt(input, cuts))).toEqual(input);
      }),
      { seed: 21, numRuns: 500 },
    );
  });

  it('writes a chunk of whole events as the very memory that came', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2\n\n: ping\n\n');
    const out = new StreamRelay([nothing], MAX_EVENT_BYTES).push(chunk)!;
    expect([out.buffer === chunk.buffer, out.byteOffset, out.length]).toEqual([true, chunk.byteOffset, chunk.length]);
  });

  it('hands an event on with the chunk that completes it, not later', () => {
    const relay = new StreamRelay([nothing], MAX_EVENT_BYTES);
    expect(relay.push(Buffer.from('data: 1\n'))).toBeNull();
    expect(relay.push(Buffer.from('\ndata: 2'))?.toString()).toBe('data: 1\n\n');
    expect(relay.finish('end')?.toString()).toBe('data: 2');
    expect(new StreamRelay([], MAX_EVENT_BYTES).finish('end')).toBeNull();
  });

  it('leads events through the transforms in the order given, the held ones too', () => {
    const relay = new StreamRelay([new Marking('-a'), new Marking('-b')], MAX_EVENT_BYTES);
    expect(run(relay, [Buffer.from('data: 1\n\ndata: 2\n\n')]).toString()).toContain('data: 1-a-b\n\n');
    const second = new StreamRelay([new Marking('-a'), new Marking('-b')], MAX_EVENT_BYTES);
    expect(run(second, [Buffer.from('data: 1\n\n')]).toString()).toBe('data: 1-a-b\n\n');
  });

  it('tells transforms whether the stream ended or broke off', () => {
    const relay = new StreamRelay([new Marking('-a')], MAX_EVENT_BYTES);
    expect(run(relay, [Buffer.from('data: 1\n\n')], 'abort').toString()).toBe('data: 1-a\n\ndata: -a aborted\n\n');
  });

  it('mixes changed and unchanged events in their order', () => {
    const capital: StreamTransform = {
      push: (event, emit) => emit(event.data === 'b' ? event.withData('B') : event),
      flush: () => {},
    };
    const input = Buffer.from('data: a\n\ndata: b\n\ndata: c\n\ndata: d\n\n');
    expect(run(new StreamRelay([capital], MAX_EVENT_BYTES), [input]).toString()).toBe(
      'data: a\n\ndata: B\n\ndata: c\n\ndata: d\n\n',
    );
  });

  it('passes on what a transform throws, and refuses an event without end', () => {
    const broken: StreamTransform = {
      push: () => {
        throw new Error('cannot judge');
      },
      flush: () => {},
    };
    expect(() => new StreamRelay([broken], MAX_EVENT_BYTES).push(Buffer.from('data: 1\n\n'))).toThrow('cannot judge');
    const relay = new StreamRelay([], MAX_EVENT_BYTES);
    const endless = Buffer.alloc(256 * 1024, 'x');
    expect(() => {
      for (let i = 0; i < 1_000; i++) relay.push(endless);
    }).toThrow(SseEventTooLargeError);
  });
});
