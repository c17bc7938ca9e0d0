/** What a verb touches of the process it runs in; tests give their own. */
export interface Io {
  readonly stdout: {
    write(text: string): unknown;
    readonly isTTY?: boolean;
    readonly rows?: number;
    readonly columns?: number;
  };
  readonly stderr: { write(text: string): unknown };
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Wall clock, in milliseconds. */
  now(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves when the user ends a verb that runs until then. */
  untilStopped(): Promise<void>;
}
