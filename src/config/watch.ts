import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../core/config.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Environment } from './environment.ts';
import { loadConfig, parseConfig, readSource, sourceHash, type LoadedConfig, type PartsCheck } from './load.ts';
import { ConfigError, type Problem } from './problem.ts';

export interface ReloadResult {
  readonly ok: boolean;
  /** False where the file is as it was, or the new one was refused. */
  readonly changed: boolean;
  /** Why the last good configuration stays; empty where `ok`. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Accepted changes that have no effect before a restart, e.g. `gateway.port`. */
  readonly restartNeeded: readonly string[];
}

/** Puts a new configuration in force; throws or rejects to refuse it, and the previous one stays. @param sourceHash SHA-256 of the file */
type ConfigListener = (config: Config, previous: Config, sourceHash: string) => void | Promise<void>;

export interface Timers {
  set(callback: () => void, delay: Milliseconds): NodeJS.Timeout;
  clear(timer: NodeJS.Timeout): void;
}

/** Calls back at any change in a directory until it is closed. */
export type WatchDirectory = (
  directory: string,
  onEvent: () => void,
  onError: (error: Error) => void,
) => { close(): void };

interface ConfigSourceOptions {
  readonly path: string;
  readonly environment: Environment;
  readonly checkParts?: PartsCheck;
  readonly timers?: Timers;
  readonly watchDirectory?: WatchDirectory;
}

/** An editor's save is several events; a ConfigMap update too. */
const SETTLE_MS = 100;

const systemTimers: Timers = { set: setTimeout, clear: clearTimeout };

/** Holds the last good configuration of a file and replaces it when the file changes. One reload at a time, in order. */
export class ConfigSource {
  private readonly options: ConfigSourceOptions;
  private readonly started: Config;
  private loaded: LoadedConfig;
  private result: ReloadResult;
  private listener: ConfigListener = () => {};
  private queue: Promise<unknown> = Promise.resolve();

  /** @throws ConfigError where the file is not valid now */
  constructor(options: ConfigSourceOptions) {
    this.options = options;
    this.loaded = loadConfig(options.path, options.environment, options.checkParts);
    this.started = this.loaded.config;
    this.result = { ok: true, changed: true, problems: [], warnings: this.loaded.warnings, restartNeeded: [] };
  }

  get config(): Config {
    return this.loaded.config;
  }

  /** Of the last reload, or of the load at start: for readiness and metrics. */
  /** Of the file in force. */
  get sha256(): string {
    return this.loaded.sourceHash;
  }

  get lastResult(): ReloadResult {
    return this.result;
  }

  /** There is one listener: the place that puts a configuration in force, so that it is in force wholly or not at all. */
  onChange(listener: ConfigListener): void {
    this.listener = listener;
  }

  /** Never rejects: what is wrong stands in the result. A file that has not changed is not put in force again. */
  reload(): Promise<ReloadResult> {
    const next = this.queue.then(async () => (this.result = await this.tryReload()));
    this.queue = next;
    return next;
  }

  /**
   * Reloads when the file changes, and tells each result. Watches the directory: editors and Kubernetes replace the file
   * or a link on its path, which a watch on the file itself would lose. `onLost`: the directory can no longer be watched.
   * @returns a function that stops it
   */
  watch(onResult: (result: ReloadResult) => void, onLost: (error: Error) => void): () => void {
    const { path, timers = systemTimers, watchDirectory = watchSystemDirectory } = this.options;
    let timer: NodeJS.Timeout | null = null;
    const stopTimer = () => {
      if (timer !== null) timers.clear(timer);
    };
    const settle = () => {
      stopTimer();
      timer = timers.set(() => void this.reloadAndTell(onResult), SETTLE_MS);
    };
    const watcher = watchDirectory(dirname(path), settle, onLost);
    return () => {
      stopTimer();
      watcher.close();
    };
  }

  /** Most events in the directory are about other files: what was told already is not told again. */
  private async reloadAndTell(onResult: (result: ReloadResult) => void): Promise<void> {
    const before = this.result;
    const result = await this.reload();
    const isNews = result.ok !== before.ok || !isDeepStrictEqual(result.problems, before.problems);
    if (result.changed || isNews) onResult(result);
  }

  private async tryReload(): Promise<ReloadResult> {
    try {
      const { path, environment, checkParts } = this.options;
      const bytes = readSource(path);
      // Where a store or a log stands beside the file, this is asked several times a second: to check it all takes 20 ms.
      if (this.result.ok && sourceHash(bytes) === this.loaded.sourceHash) return this.unchanged();
      const next = parseConfig(bytes, path, environment, checkParts);
      const changed = next.sourceHash !== this.loaded.sourceHash;
      if (changed) {
        await this.listener(next.config, this.loaded.config, next.sourceHash);
        this.loaded = next;
      }
      return { ok: true, changed, problems: [], warnings: next.warnings, restartNeeded: this.restartNeeded() };
    } catch (error) {
      // A copy, as what `load.ts` returns: a text that was cut out of the file would keep all of the file in memory.
      const problems = structuredClone(error instanceof ConfigError ? error.problems : [this.refusal(error)]);
      return { ok: false, changed: false, problems, warnings: [], restartNeeded: this.restartNeeded() };
    }
  }

  private unchanged(): ReloadResult {
    const { warnings } = this.loaded;
    return { ok: true, changed: false, problems: [], warnings, restartNeeded: this.restartNeeded() };
  }

  private refusal(error: unknown): Problem {
    const message = error instanceof Error ? error.message : String(error);
    const fix = 'correct the file; the last good configuration stays in force';
    return { file: this.options.path, line: null, column: null, path: '', message, fix };
  }

  /** Compared with the configuration at start, whose sockets and database are the ones that are open. */
  private restartNeeded(): string[] {
    const { started, config } = this;
    const fixed = {
      'gateway.host': started.gateway.host === config.gateway.host,
      'gateway.port': started.gateway.port === config.gateway.port,
      'gateway.workers': started.gateway.workers === config.gateway.workers,
      'admin.host': started.admin.host === config.admin.host,
      'admin.port': started.admin.port === config.admin.port,
      store: started.store === config.store,
      // Where they are not set they stand beside the store.
      spool: started.store !== config.store || isDeepStrictEqual(started.spool, config.spool),
      'audit.spool': started.store !== config.store || started.audit.spool === config.audit.spool,
      'audit.checkpoints': started.audit.checkpoints === config.audit.checkpoints,
      'audit.checkpointEvery': isDeepStrictEqual(started.audit.checkpointEvery, config.audit.checkpointEvery),
      counters: started.counters === config.counters,
      record: isDeepStrictEqual(fixedRecord(started), fixedRecord(config)),
      telemetry: isDeepStrictEqual(fixedTelemetry(started), fixedTelemetry(config)),
    };
    return Object.entries(fixed).flatMap(([path, isSame]) => (isSame ? [] : [path]));
  }
}

/** Whether content is kept, and how much of it, changes at once. */
function fixedRecord({ record }: Config): unknown {
  const { content: _, contentBytes: __, ...rest } = record;
  return rest;
}

/** How much is traced, and whose traces, changes at once. */
function fixedTelemetry({ telemetry }: Config): unknown {
  if (telemetry === null) return null;
  const { sample: _, keepErrors: __, trustIncoming: ___, ...traces } = telemetry.traces;
  return { ...telemetry, traces };
}

const watchSystemDirectory: WatchDirectory = (directory, onEvent, onError) => {
  // Not persistent: a watch alone keeps no process alive.
  const watcher = watch(directory, { persistent: false }, () => onEvent());
  watcher.on('error', onError);
  return watcher;
};
