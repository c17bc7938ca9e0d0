import { Buffer } from 'node:buffer';
import type { ErrorCode, ErrorDetails } from '../../core/errors.ts';
import type { Direction, RedactionPolicy } from '../../core/redaction.ts';
import type { VaultContents } from '../vault.ts';
import type { Notes } from './notes.ts';

/** A text between threads: bytes change hands, strings are copied twice. */
interface HandedText {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoding: 'latin1' | 'utf16le';
}

/** One document to be judged, and all that its judgement depends on. */
export interface Job {
  readonly text: HandedText;
  readonly direction: Direction;
  readonly tenant: string;
  /** The same for the same policy: what is made of one is kept. */
  readonly policyId: number;
  readonly policy: RedactionPolicy;
  readonly secret: Uint8Array;
  /** Null: nothing has been replaced in the exchange. */
  readonly vault: VaultContents | null;
}

interface Verdict {
  readonly kind: 'verdict';
  /** Null where the document stays as it is. */
  readonly text: HandedText | null;
  readonly vault: VaultContents | null;
  readonly notes: Notes;
}

/** The document must not pass. */
interface Refusal {
  readonly kind: 'refusal';
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly notes: Notes;
}

/** A fault of ours. */
interface Fault {
  readonly kind: 'fault';
  readonly stack: string;
}

export type Answer = Verdict | Refusal | Fault;

/** Who judges large documents while their own thread goes on: calls `judge` elsewhere. */
export interface Judges {
  /**
   * Rejects with the reason of the signal, whose abort stops the work.
   * @param tenant those who have less under way come first
   * @param makeJob called when its turn comes
   */
  ask(tenant: string, makeJob: () => Job, signal: AbortSignal): Promise<Answer>;
}

/** Exact for every text, halves of surrogate pairs included. */
export function handOver(text: string): HandedText {
  const encoding = Buffer.byteLength(text) === text.length ? 'latin1' : 'utf16le';
  // Memory of its own, not of the pool that small buffers share.
  const bytes = new Uint8Array(encoding === 'latin1' ? text.length : 2 * text.length);
  Buffer.from(bytes.buffer).write(text, encoding);
  return { bytes, encoding };
}

export function takeOver({ bytes, encoding }: HandedText): string {
  return Buffer.from(bytes.buffer).toString(encoding);
}
