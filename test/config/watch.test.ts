import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import { whole } from './load-text.ts';
import { ConfigSource, type ReloadResult, type Timers, type WatchDirectory } from '../../src/config/watch.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-config-'));
  path = join(directory, 'sluice.yaml');
});

afterEach(() => rmSync(directory, { recursive: true }));

function save(text: string, at = path): void {
  writeFileSync(at, whole(text));
}

function open(text: string, more: { timers?: Timers; watchDirectory?: WatchDirectory } = {}): ConfigSource {
  save(text);
  return new ConfigSource({ path, environment: {}, ...more });
}

describe('a reload', () => {
  it('puts the changed file in force and tells the listener both configurations', async () => {
    const source = open('log: { level: info }');
    const seen: [Config, Config][] = [];
    source.onChange((config, previous) => void seen.push([config, previous]));
    const before = source.config;
    save('log: { level: debug }');
    expect(await source.reload()).toEqual({ ok: true, changed: true, problems: [], warnings: [], restartNeeded: [] });
    expect(source.config.log.level).toBe('debug');
    expect(seen).toEqual([[source.config, before]]);
  });

  it('leaves an unchanged file alone', async () => {
    const source = open('log: { level: info }');
    source.onChange(() => {
      throw new Error('not expected');
    });
    const before = source.config;
    expect(await source.reload()).toMatchObject({ ok: true, changed: false });
    expect(source.config).toBe(before);
  });

  it('does not check a file again that is as it was', async () => {
    save('log: { level: info }');
    let checks = 0;
    const source = new ConfigSource({ path, environment: {}, checkParts: () => void checks++ });
    await source.reload();
    await source.reload();
    expect(checks).toBe(1);
    save('log: { level: debug }');
    await source.reload();
    expect(checks).toBe(2);
  });

  it('keeps the last good configuration when the file has a mistake, and recovers', async () => {
    const source = open('log: { level: info }');
    const before = source.config;
    save('log: { level: loud }');
    const failed = await source.reload();
    expect(failed).toMatchObject({ ok: false, changed: false, problems: [{ line: 1, path: 'log.level' }] });
    expect(source.config).toBe(before);
    expect(source.lastResult).toBe(failed);
    save('log: { level: info }');
    expect(await source.reload()).toMatchObject({ ok: true, changed: false });
    expect(source.lastResult.ok).toBe(true);
  });

  it.each(['', '# all gone\n', 'auth: { required: true }\n'])(
    'keeps the last good configuration when the file was emptied or cut off: %j',
    async (left) => {
      const source = open('auth: { required: true }');
      const before = source.config;
      writeFileSync(path, left);
      expect(await source.reload()).toMatchObject({ ok: false, changed: false, problems: [{ path: 'providers' }] });
      expect(source.config).toBe(before);
    },
  );

  it('keeps the last good configuration when the file is gone', async () => {
    const source = open('log: { level: info }');
    rmSync(path);
    expect(await source.reload()).toMatchObject({ ok: false, problems: [{ file: path }] });
    expect(source.config.log.level).toBe('info');
    writeFileSync(path, '');
  });

  it('keeps the last good configuration when the listener refuses, and asks it again next time', async () => {
    const source = open('log: { level: info }');
    const answers = [() => Promise.reject(new Error('the pattern is not linear')), () => Promise.resolve()];
    source.onChange(() => answers.shift()!());
    save('log: { level: warn }');
    const refused = await source.reload();
    expect(refused).toMatchObject({ ok: false, problems: [{ file: path, message: 'the pattern is not linear' }] });
    expect(source.config.log.level).toBe('info');
    expect(await source.reload()).toMatchObject({ ok: true, changed: true });
    expect(source.config.log.level).toBe('warn');
  });

  it('waits for the one before it', async () => {
    const source = open('log: { level: info }');
    const gate = Promise.withResolvers<void>();
    const levels: string[] = [];
    source.onChange(async (config, previous) => {
      await gate.promise;
      levels.push(`${previous.log.level} to ${config.log.level}`);
    });
    save('log: { level: warn }');
    const both = [source.reload(), source.reload()];
    gate.resolve();
    expect((await Promise.all(both)).map(({ changed }) => changed)).toEqual([true, false]);
    expect(levels).toEqual(['info to warn']);
  });

  it('tells what needs a restart until it is set back', async () => {
    const source = open('gateway: { port: 1 }');
    save('gateway: { port: 2, host: "::1" }\nadmin: { port: 3, host: localhost }\nstore: "sqlite:x"');
    const all = ['gateway.host', 'gateway.port', 'admin.host', 'admin.port', 'store'];
    expect((await source.reload()).restartNeeded).toEqual(all);
    save('gateway: { port: 2 }\nlog: { level: warn }');
    expect((await source.reload()).restartNeeded).toEqual(['gateway.port']);
    save('gateway: { port: 1 }\naudit: { spool: x, checkpoints: y, checkpointEvery: { entries: 5 } }');
    const ofAudit = ['audit.spool', 'audit.checkpoints', 'audit.checkpointEvery'];
    expect((await source.reload()).restartNeeded).toEqual(ofAudit);
    save('gateway: { port: 1 }');
    expect((await source.reload()).restartNeeded).toEqual([]);
  });

  it('tells that a collector and files of records need a restart, but not how much is traced and kept', async () => {
    const source = open('telemetry: { traces: { sample: 1% } }');
    save('telemetry: { traces: { sample: 50%, keepErrors: true, trustIncoming: true } }\nrecord: { content: true }');
    expect((await source.reload()).restartNeeded).toEqual([]);
    save('telemetry: { endpoint: "http://other:1" }\nrecord: { files: { directory: x } }');
    expect((await source.reload()).restartNeeded).toEqual(['record', 'telemetry']);
    save('log: { level: warn }');
    expect((await source.reload()).restartNeeded).toEqual(['telemetry']);
  });
});

it('a file that is wrong at the start is thrown, not kept', () => {
  expect(() => open('log: { level: loud }')).toThrow('"log.level" has a value that is not known');
});

/** A directory watch and a timer in the hands of the test. */
function byHand() {
  let fire = () => {};
  const hand = {
    event: () => {},
    pending: 0,
    closed: false,
    directory: '',
    fire: () => fire(),
  };
  const timers: Timers = {
    set: (callback) => {
      hand.pending++;
      fire = () => {
        hand.pending--;
        callback();
      };
      return 0 as never;
    },
    clear: () => void (hand.pending = 0),
  };
  const watchDirectory: WatchDirectory = (watched, onEvent) => {
    hand.directory = watched;
    hand.event = onEvent;
    return { close: () => void (hand.closed = true) };
  };
  return { hand, timers, watchDirectory };
}

describe('a watched file', () => {
  it('is read once after a burst of events', async () => {
    const { hand, ...injected } = byHand();
    const source = open('log: { level: info }', injected);
    const told = Promise.withResolvers<ReloadResult>();
    source.watch(told.resolve, told.reject);
    expect(hand.directory).toBe(directory);
    save('log: { level: warn }');
    for (let i = 0; i < 3; i++) hand.event();
    expect(hand.pending).toBe(1);
    hand.fire();
    expect(await told.promise).toMatchObject({ ok: true, changed: true });
  });

  it('tells a failure once, and nothing about other files', async () => {
    const { hand, ...injected } = byHand();
    const source = open('log: { level: info }', injected);
    const results: ReloadResult[] = [];
    source.watch(
      (result) => results.push(result),
      () => {},
    );
    const settle = async () => {
      hand.event();
      hand.fire();
      await source.reload();
    };
    await settle();
    expect(results).toEqual([]);
    save('log: { level: loud }');
    await settle();
    await settle();
    save('log: { level: info }');
    await settle();
    expect(results.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('is left alone after the watch is stopped', () => {
    const { hand, ...injected } = byHand();
    const stop = open('', injected).watch(
      () => {},
      () => {},
    );
    hand.event();
    stop();
    expect([hand.closed, hand.pending]).toEqual([true, 0]);
  });
});

describe('a real directory watch', () => {
  const immediately: Timers = { set: (callback) => setTimeout(callback, 0), clear: clearTimeout };

  async function changedBy(source: ConfigSource, change: () => void): Promise<ReloadResult> {
    const told = Promise.withResolvers<ReloadResult>();
    const stop = source.watch((result) => result.ok && told.resolve(result), told.reject);
    change();
    const result = await told.promise;
    stop();
    return result;
  }

  it('sees a file that is written in place', async () => {
    const source = open('log: { level: info }', { timers: immediately });
    await changedBy(source, () => save('log: { level: warn }'));
    expect(source.config.log.level).toBe('warn');
  });

  it('sees a file that is renamed into place, as editors do', async () => {
    const source = open('log: { level: info }', { timers: immediately });
    save('log: { level: warn }', `${path}.new`);
    await changedBy(source, () => renameSync(`${path}.new`, path));
    expect(source.config.log.level).toBe('warn');
  });

  it('sees a link on its path that is swapped, as Kubernetes does', async () => {
    for (const level of ['info', 'warn']) {
      mkdirSync(join(directory, level));
      save(`log: { level: ${level} }`, join(directory, level, 'sluice.yaml'));
    }
    symlinkSync('info', join(directory, '..data'));
    symlinkSync('..data/sluice.yaml', path);
    const source = new ConfigSource({ path, environment: {}, timers: immediately });
    symlinkSync('warn', join(directory, '..data_tmp'));
    await changedBy(source, () => renameSync(join(directory, '..data_tmp'), join(directory, '..data')));
    expect(source.config.log.level).toBe('warn');
  });
});
