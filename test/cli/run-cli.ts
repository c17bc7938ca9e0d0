import { run } from '../../src/cli/run.ts';

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliInput {
  readonly stdin?: string | readonly string[] | AsyncIterable<string>;
  /** Wall clock; default: as in the test control plane. */
  readonly now?: number;
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly untilStopped?: () => Promise<void>;
  /** Told of each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** One command line in this process. */
export async function cli(argv: readonly string[], input: CliInput = {}): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const status = await run(argv, {
    stdout: {
      isTTY: input.isTTY ?? false,
      rows: 24,
      columns: 100,
      write: (text) => {
        stdout += text;
        input.onOutput?.(text);
      },
    },
    stderr: { write: (text) => void (stderr += text) },
    stdin: chunks(input.stdin ?? []),
    now: () => input.now ?? Date.UTC(2026, 0, 31, 12),
    env: input.env ?? {},
    untilStopped: input.untilStopped ?? (async () => {}),
  });
  return { status, stdout, stderr };
}

async function* chunks(texts: NonNullable<CliInput['stdin']>): AsyncGenerator<Uint8Array> {
  for await (const text of typeof texts === 'string' ? [texts] : texts) yield Buffer.from(text);
}
