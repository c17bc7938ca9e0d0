import { createReadStream } from 'node:fs';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

/** The bytes of a file, or of stdin for `-`. @throws CliError `unreadable` */
async function* readBytes(file: string, io: Io): AsyncGenerator<Uint8Array> {
  try {
    yield* file === '-' ? io.stdin : createReadStream(file);
  } catch (error) {
    throw new CliError('unreadable', `"${file}" cannot be read: ${(error as Error).message}`);
  }
}

export async function readText(file: string, io: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBytes(file, io)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Lines without their ends (LF or CRLF), as they arrive; an empty last one is none. */
export async function* readLines(file: string, io: Io): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of readBytes(file, io)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield withoutCr(line);
  }
  rest += decoder.decode();
  if (rest !== '') yield withoutCr(rest);
}

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
