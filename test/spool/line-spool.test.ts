import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LineSpool } from '../../src/spool/line-spool.ts';
import { runsOf } from '../support/runs.ts';

const OPTIONS = { maxBytes: 64 * 1024 * 1024, isDurable: false };
/** Of a process that cannot be. */
const GONE = 4_194_305;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-spool-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const spoolOf = (directory: string, start: string, pid = process.pid): LineSpool =>
  new LineSpool(directory, { host: 'here', pid, start }, OPTIONS);

function allOf(read: (from: number) => { readonly lines: readonly string[]; readonly next: number }): string[] {
  const all: string[] = [];
  for (let { lines, next } = read(0); lines.length > 0; { lines, next } = read(next)) all.push(...lines);
  return all;
}

describe('lines that wait on disk', () => {
  it("are for the process's own user only, file and folder", () => {
    const directory = join(folder(), 'spool');
    spoolOf(directory, 'a').append(['said']);
    const [name] = readdirSync(directory);
    const modes = [directory, join(directory, name!)].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('are read as they were written, however long they are and wherever a piece that is read ends', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 900_000, max: 2_500_000 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), fc.constantFrom('a', 'ü', '漢'), (sizes, letter) => {
        const spool = spoolOf(folder(), 'a');
        const lines = sizes.map((count) => letter.repeat(count));
        for (const line of lines) spool.append([line]);
        expect(allOf((from) => spool.read(from)).map((line) => line.length)).toEqual(sizes);
        expect(allOf((from) => spool.read(from)).join('\n') === lines.join('\n')).toBe(true);
      }),
      { seed: 41, numRuns: runsOf(15) },
    );
  });

  it('of a process that is gone are found by others, of one that lives they are not', () => {
    const directory = folder();
    spoolOf(directory, 'alive').append(['mine']);
    spoolOf(directory, 'before', GONE).append(['one', 'two']);
    const other = spoolOf(directory, 'other', process.ppid);
    const names = other.abandoned(0);
    expect(names).toEqual([`here_${GONE}_before`]);
    expect(allOf((from) => other.readAbandoned(names[0]!, from)!)).toEqual(['one', 'two']);
    other.removeAbandoned(names[0]!);
    expect(other.readAbandoned(names[0]!, 0)).toBeNull();
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('that do not fit are refused as a whole, and what was there stays', () => {
    const spool = new LineSpool(folder(), { host: 'here', pid: 1, start: 'a' }, { maxBytes: 10, isDurable: true });
    spool.append(['12345']);
    expect(() => spool.append(['67', '89'])).toThrow('the spool is full (10 bytes)');
    expect([allOf((from) => spool.read(from)), spool.bytes]).toEqual([['12345'], 6]);
  });
});
