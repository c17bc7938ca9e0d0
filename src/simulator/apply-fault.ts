import type { OutgoingHttpHeaders } from 'node:http';
import { errorTypeHeader, failureBody, upstreamFailure, type Dialect } from './failure.ts';
import type { SimulatorFault } from './fault.ts';
import type { Random } from './random.ts';
import { bodyTransmission, framed, type TextTransmission, type Transmission } from './transmission.ts';

const DEFAULT_EVENTS_BEFORE = 3;
const DEFAULT_RETRY_AFTER_SECONDS = 1;
const MAX_DRIP_BYTES = 24;
const DRIP_MS = 1;

const HTML_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head>' +
  '<body><h1>We will be back soon</h1></body></html>\n';

/** The request that a fault strikes. */
interface Struck {
  readonly dialect: Dialect;
  readonly requestId: string;
  /** The dialect's standard headers, without a content type. */
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly random: Random;
}

/** What is sent instead of `plan` when the fault strikes. Pure. */
export function applyFault(fault: SimulatorFault, plan: TextTransmission, struck: Struck): Transmission {
  const after = fault.afterEvents ?? DEFAULT_EVENTS_BEFORE;
  switch (fault.kind) {
    case 'reset':
      return { ...plan, headers: null, chunks: [], firstMs: 0, ending: 'reset', written: null };
    case 'hang':
      return { ...plan, headers: null, chunks: [], firstMs: 0, ending: 'hold', written: null };
    case 'stall':
      return { ...started(plan, fault.afterEvents ?? 0), ending: 'hold' };
    case 'reset-mid':
      return { ...started(plan, after), ending: 'reset' };
    case 'cut':
      return { ...started(plan, after), ending: 'cut' };
    case 'eof':
      return undeclared(started(plan, after));
    case 'malformed':
      return { ...undeclared(plan), chunks: spoil(plan.chunks, after) };
    case 'slow-drip':
      return drip(plan, struck.random);
    case 'html':
      return reply(200, HTML_PAGE, struck, { 'content-type': 'text/html; charset=utf-8' });
    case 'error-200':
      return failWith(200, 500, struck);
    case 'http-500':
      return failWith(500, 500, struck);
    default:
      return failLater(Number(fault.kind.slice('http-'.length)), fault, struck);
  }
}

/** An overload error, which tells the client when to come back. */
function failLater(status: number, fault: SimulatorFault, struck: Struck): Transmission {
  const seconds = fault.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS;
  return failWith(status, status, struck, { 'retry-after': String(seconds) });
}

function failWith(status: number, reported: number, struck: Struck, headers: OutgoingHttpHeaders = {}): Transmission {
  const body = failureBody(struck.dialect, upstreamFailure(reported), struck.requestId);
  const type = errorTypeHeader(struck.dialect, reported);
  return reply(status, body, struck, { 'content-type': 'application/json', ...type, ...headers });
}

function reply(status: number, body: string, struck: Struck, headers: OutgoingHttpHeaders): Transmission {
  return bodyTransmission(status, { ...struck.headers, ...headers }, body);
}

/** A body whose length is not declared, so that its framing can end anywhere. */
function undeclared(plan: TextTransmission): TextTransmission {
  const { 'content-length': _, ...headers } = plan.headers ?? {};
  return { ...plan, headers };
}

/** The events before the fault, never all of them; of a buffered body, its first half. */
function started(plan: TextTransmission, events: number): TextTransmission {
  const { chunks } = plan;
  // The model had written all of it.
  if (chunks.length === 1) return { ...plan, chunks: [firstHalf(chunks[0]!)] };
  const sent = Math.min(events, chunks.length - 1);
  return { ...plan, chunks: chunks.slice(0, sent), written: plan.written?.slice(0, sent) ?? null };
}

/** Breaks the JSON of one event, whose framing stays whole, or of the buffered body. */
function spoil(chunks: readonly string[], events: number): readonly string[] {
  const broken = chunks.length === 1 ? 0 : Math.min(events, chunks.length - 1);
  const ending = chunks.length === 1 ? '' : '\n\n';
  return chunks.map((chunk, index) => (index === broken ? `${firstHalf(chunk)}${ending}` : chunk));
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

/** Pieces of 1 to 24 bytes, cut inside events and characters alike. */
function drip(plan: TextTransmission, random: Random): Transmission {
  const pieces: Uint8Array[] = [];
  const written: number[] = [];
  for (const [index, chunk] of framed(plan).chunks.entries()) {
    const bytes = Buffer.from(chunk);
    for (let from = 0; from < bytes.length;) {
      const to = from + random.integer(1, MAX_DRIP_BYTES);
      pieces.push(bytes.subarray(from, to));
      written.push(plan.written?.[index] ?? 0);
      from = to;
    }
  }
  return { ...plan, chunks: pieces, betweenMs: DRIP_MS, written: plan.written === null ? null : written };
}
