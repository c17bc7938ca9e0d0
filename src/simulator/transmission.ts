import type { OutgoingHttpHeaders } from 'node:http';
import type { Milliseconds } from '../core/units.ts';

/** What goes over the wire for one request, and how; built first, then sent by `transmit`. */
export interface Transmission {
  readonly status: number;
  /** Null: not even the headers are sent. */
  readonly headers: Readonly<OutgoingHttpHeaders> | null;
  readonly chunks: readonly (string | Uint8Array)[];
  /** Before the headers and the first chunk. */
  readonly firstMs: Milliseconds;
  readonly betweenMs: Milliseconds;
  /** After the last chunk: a finished body, an orderly close without one, a reset, or silence. */
  readonly ending: 'end' | 'cut' | 'reset' | 'hold';
  /** Output tokens that the model has written by the time that each chunk is sent; null: it was not asked. */
  readonly written: readonly number[] | null;
  /** Makes the bytes of a chunk that is text; left out where they are its UTF-8. */
  readonly frame?: (event: string) => Uint8Array;
}

/** A transmission before any fault: one body, or the events of a stream, as text. */
export interface TextTransmission extends Transmission {
  readonly chunks: readonly string[];
}

/** What else there is to a body. */
export interface BodyOptions {
  readonly firstMs?: Milliseconds;
  /** By the model; null: it was not asked. */
  readonly tokens?: number | null;
}

/** A whole body with its length declared. */
export function bodyTransmission(
  status: number,
  headers: Readonly<OutgoingHttpHeaders>,
  body: string,
  { firstMs = 0, tokens = null }: BodyOptions = {},
): TextTransmission {
  const declared = { ...headers, 'content-length': Buffer.byteLength(body) };
  const written = tokens === null ? null : [tokens];
  return { status, headers: declared, chunks: [body], firstMs, betweenMs: 0, ending: 'end', written };
}

/** The same with every chunk as it goes over the wire. */
export function framed(plan: Transmission): Transmission {
  const { frame, ...rest } = plan;
  if (frame === undefined) return plan;
  return { ...rest, chunks: plan.chunks.map((chunk) => (typeof chunk === 'string' ? frame(chunk) : chunk)) };
}
