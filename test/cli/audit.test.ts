import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linkHash } from '../../src/audit/chain.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import { cli, type CliResult } from './run-cli.ts';

interface AuditedGateway {
  readonly gateway: TestGateway;
  readonly folder: string;
  readonly store: string;
  /** A file as the gateway appends to. */
  readonly checkpoints: string;
  run(...argv: readonly string[]): Promise<CliResult>;
  database(): Database.Database;
}

/** A gateway with seven entries and a checkpoint after each but the newest. */
async function audited(): Promise<AuditedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = join(folder, 'sluice.db');
  const checkpoints = join(folder, 'checkpoints.txt');
  const gateway = await startTestGateway({
    providers: { sim: { type: 'simulator' } },
    models: { m: { target: 'sim/m' } },
    store: `sqlite:${store}`,
    audit: { checkpoints, checkpointEvery: { entries: 2 } },
  });
  for (let reload = 0; reload < 3; reload++) await gateway.admin('POST', '/api/v1/config/reload', {});
  await gateway.admin('GET', '/api/v1/audit');
  return {
    gateway,
    folder,
    store,
    checkpoints,
    run: (...argv) => cli(['audit', ...argv]),
    database: () => {
      const database = new Database(store);
      onTestFinished(() => void database.close());
      return database;
    },
  };
}

const rowsOf = (lines: string): readonly Record<string, never>[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);

describe('sluice audit verify', () => {
  it('says that a whole trail is whole, by the gateway and by the file', async () => {
    const { run, gateway, store, checkpoints } = await audited();
    for (const where of [
      ['--url', gateway.adminUrl],
      ['--store', store],
      ['--store', `sqlite:${store}`],
    ]) {
      const { status, stdout } = await run('verify', ...where, '--checkpoint', checkpoints);
      expect([status, stdout]).toEqual([
        0,
        expect.stringMatching(/^ok: 7 entries, \d checkpoints and \d kept elsewhere, root \S{44}\n$/),
      ]);
    }
  });

  it('reads the store of a configuration file, without a gateway', async () => {
    const { run, gateway, store, folder } = await audited();
    await gateway.stop();
    const file = join(folder, 'other.yaml');
    writeFileSync(
      file,
      `store: "sqlite:${store}"\nproviders: { sim: { type: simulator } }\npassthrough: { provider: sim }\n`,
    );
    const { status, stdout } = await run('verify', '--config', file, '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { ok: true, entries: 7 }]);
  });

  it('holds the trail against the checkpoints that the configuration has kept', async () => {
    const { run, gateway, store, checkpoints, folder, database } = await audited();
    await gateway.stop();
    const file = join(folder, 'other.yaml');
    const settings = { store: `sqlite:${store}`, audit: { checkpoints } };
    writeFileSync(
      file,
      JSON.stringify({ ...settings, passthrough: { provider: 's' }, providers: { s: { type: 'simulator' } } }),
    );
    expect((await run('verify', '--config', file)).stdout).toMatch(
      /^ok: 7 entries, \d checkpoints and \d kept elsewhere/,
    );
    database().exec(`delete from audit_entries; delete from audit_checkpoints;
      update audit_head set size = 0, hash = '${'0'.repeat(64)}', frontier = '', checkpoints = 0,
      checkpoints_hash = '${'0'.repeat(64)}', checkpoint_size = 0, checkpoint_at = 0`);
    expect((await run('verify', '--store', store)).status).toBe(0);
    const { status, stderr } = await run('verify', '--config', file);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^The first bad entry is 1: it is cut off: the checkpoint/),
    ]);
  });

  it('exits 1 and names the first bad entry, by the gateway and by the file', async () => {
    const { run, gateway, store, database } = await audited();
    database().exec(`update audit_entries set entry = replace(entry, '"api"', '"ape"') where seq >= 3`);
    for (const where of [
      ['--url', gateway.adminUrl],
      ['--store', store],
    ]) {
      const told = await run('verify', ...where);
      expect(told).toEqual({
        status: 1,
        stdout: '',
        stderr: 'The first bad entry is 3: it is not what its hash says. 2 entries before are whole.\n',
      });
      const { stdout } = await run('verify', ...where, '--json');
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'audit_damaged', verdict: { problem: { seq: 3 } } } });
    }
  });

  it('exits 1 where the tail was cut, a row removed, a checkpoint changed', async () => {
    const { run, store, database } = await audited();
    const check = async (change: string): Promise<string> => {
      const target = database();
      target.exec('begin');
      target.exec(change);
      target.exec('commit');
      const { status, stderr } = await run('verify', '--store', store);
      expect(status).toBe(1);
      return stderr;
    };
    expect(await check('delete from audit_entries where seq = 7')).toMatch(/entry is 7: it is cut off/);
    expect(await check('delete from audit_entries where seq = 2')).toMatch(/entry is 2: it is missing/);
    expect(await check("update audit_checkpoints set note = replace(note, 'time 2', 'time 1')")).toMatch(/entry is 2/);
  });

  it('changes nothing in the file that it looks at', async () => {
    const { run, gateway, store } = await audited();
    await gateway.stop();
    const before = readFileSync(store);
    await run('verify', '--store', store);
    await run('export', '--store', store);
    expect(readFileSync(store).equals(before)).toBe(true);
  });

  it('compares the key with the one that was known before', async () => {
    const { run, store, database } = await audited();
    const key = (await run('key', '--store', store)).stdout.trim();
    expect(key).toMatch(/^sluice-audit\/[0-9a-f]{16}\+[0-9a-f]{8}\+\S{44}$/);
    expect((await run('verify', '--store', store, '--key', key)).status).toBe(0);
    database().exec(
      `update secrets set value = '${Buffer.alloc(32, 9).toString('base64')}' where name = 'audit-signing-key'`,
    );
    const { status, stderr } = await run('verify', '--store', store, '--key', key);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^The key of this trail is another one: sluice-audit/)]);
    expect((await run('verify', '--store', store)).stderr).toMatch(/has no valid signature/);
  });

  it.each([
    [
      'a file that is not there',
      ['--store', '/nowhere/sluice.db'],
      /^The audit trail in "\/nowhere\/sluice.db" cannot be read/,
    ],
    ['a checkpoint file that is empty', ['--store', 'STORE', '--checkpoint', '-'], /^"-" holds no checkpoint/],
  ])('refuses %s', async (_, argv, message) => {
    const { run, store } = await audited();
    const { status, stderr } = await run('verify', ...argv.map((each) => (each === 'STORE' ? store : each)));
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('sluice audit export', () => {
  it('writes every entry with a proof, which can be checked without the store, whole or in part', async () => {
    const { run, store, folder, gateway } = await audited();
    await gateway.stop();
    const { stdout } = await run('export', '--store', store);
    const lines = rowsOf(stdout);
    expect(lines).toHaveLength(8);
    expect(lines.slice(0, 7).every(({ proof }) => Array.isArray(proof))).toBe(true);
    const check = async (text: string, ...options: readonly string[]): Promise<CliResult> => {
      const file = join(folder, 'export.jsonl');
      writeFileSync(file, text);
      return run('verify', '--export', file, ...options);
    };
    expect(await check(stdout)).toMatchObject({ status: 0, stdout: 'ok: 7 entries, 7 of them under the checkpoint\n' });
    const all = stdout.trim().split('\n');
    const part = [all[1], all[4], all[7]].join('\n');
    expect(await check(part, '--part')).toMatchObject({ status: 0 });
    expect((await check(part)).stderr).toMatch(/^The first bad entry is 1: it is missing/);
    expect((await check(part.replaceAll('\\"api\\"', '\\"ape\\"'), '--part')).stderr).toMatch(
      /^The first bad entry is 2: it has no proof that leads to the checkpoint/,
    );
    expect((await check([all[4], all[1], all[7]].join('\n'), '--part')).stderr).toMatch(
      /entry is 2: it stands behind 5/,
    );
    expect((await check(all.slice(0, 7).join('\n'))).stderr).toMatch(/^The last line, with the checkpoint/);
    expect((await check(stdout.replace('sluice-audit', 'sluice-audiT'))).status).toBe(1);
  });

  it('is found out wherever it was changed, cut, doubled or reordered, also where its proof was taken away', async () => {
    const { run, store, folder, gateway } = await audited();
    await gateway.stop();
    const all = (await run('export', '--store', store)).stdout.trim().split('\n');
    const check = async (lines: readonly (string | undefined)[], ...options: readonly string[]): Promise<string> => {
      const file = join(folder, 'export.jsonl');
      writeFileSync(file, lines.join('\n'));
      const { status, stderr } = await run('verify', '--export', file, ...options);
      expect(status).toBe(1);
      return stderr;
    };
    for (let gone = 1; gone <= 7; gone++)
      expect(await check(all.toSpliced(gone - 1, 1))).toMatch(new RegExp(`^The first bad entry is ${gone}: it is `));
    expect(await check(all.toSpliced(3, 0, all[2]!))).toMatch(/^The first bad entry is 3: it stands behind 3/);
    expect(await check([...all, all[6]])).toBe('Line 9 stands behind the checkpoint.\n');
    expect(await check(['{}', ...all])).toBe('Line 1 is no line of an export.\n');
    const parsed = (line: string) => JSON.parse(line) as { readonly entry: string; readonly hash: string };
    const third = parsed(all[2]!);
    const entry = third.entry.replace('"api"', '"ape"');
    const forged = JSON.stringify({ seq: 3, entry, hash: linkHash(parsed(all[1]!).hash, entry), proof: null });
    for (const options of [[], ['--part']])
      expect(await check([...all.slice(0, 2), forged, all[7]], ...options)).toMatch(
        /^The first bad entry is 3: it has no proof/,
      );
    const moved = JSON.stringify({ ...third, seq: 8, proof: null });
    expect(await check([moved, all[7]], '--part')).toMatch(/^The first bad entry is 8: it is not the canonical JSON/);
    const last = JSON.parse(all[7]!) as { readonly key: string };
    const noKey = JSON.stringify({ ...last, key: last.key.replace('+', '-') });
    expect(await check(all.with(7, noKey))).toMatch(/^The key in the last line is none/);
  });

  it('is the same by the gateway as by the file', async () => {
    const { run, store, gateway } = await audited();
    const remote = await run('export', '--url', gateway.adminUrl);
    expect(remote.stdout).toBe((await run('export', '--store', store)).stdout);
  });
});

describe('sluice audit tail', () => {
  it('shows the newest entries, oldest first, with how their intents ended', async () => {
    const { run, gateway } = await audited();
    const { stdout } = await run('tail', '--url', gateway.adminUrl, '-n', '2');
    expect(stdout.split('\n').map((line) => line.replace(/\s{2,}/g, ' | ').replace(/\d{4}-\S+ \S+/, 'TIME'))).toEqual([
      'SEQ | TIME (UTC) | KIND | PHASE | BY | SUBJECT',
      expect.stringMatching(/^\s*\|? ?6 \| TIME \| config.reload \| intent: done \| api \| config$/),
      expect.stringMatching(/^\s*\|? ?7 \| TIME \| config.reload \| outcome \| api \| config$/),
      '',
    ]);
  });

  it('says where there is none', async () => {
    const { run, gateway } = await audited();
    expect((await run('tail', '--url', gateway.adminUrl, '--kind', 'no.such')).stdout).toBe('There is no entry.\n');
  });

  it('follows what is written from then on, until it is stopped', async () => {
    const { gateway } = await audited();
    const stop = Promise.withResolvers<void>();
    let told = '';
    const following = cli(['audit', 'tail', '-f', '-n', '1', '--json', '--url', gateway.adminUrl], {
      untilStopped: () => stop.promise,
      onOutput: (text) => {
        told += text;
        if (rowsOf(told).length === 3) stop.resolve();
        if (told.split('\n').length === 2) void gateway.admin('POST', '/api/v1/config/reload', {});
      },
    });
    expect((await following).status).toBe(0);
    expect(rowsOf(told).map(({ seq }) => seq)).toEqual([7, 8, 9]);
  });
});
