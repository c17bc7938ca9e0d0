import type { RequestRecord } from './recent.ts';

/** Where records go for good: files, a database. */
export interface RecordSink {
  /** For log and metrics: `files` … */
  readonly name: string;
  /**
   * Takes all of them, or rejects: then all are offered again. A record that is offered twice is the same request, by its id.
   * Never called before the call before it has settled.
   */
  write(records: readonly RequestRecord[]): Promise<void>;
  /** From time to time: what has been kept for long enough goes. */
  removeOld(): Promise<void>;
  close(): Promise<void>;
}
