import { isDeepStrictEqual } from 'node:util';
import { Analyzer } from './analyzers/analyzer.ts';
import { prepareAttackScore } from './attack/attack-score.ts';
import { cloudModel, type CloudModel } from './catalogue/cloud-models.ts';
import type { Clock } from './core/clock.ts';
import type { Config, ModelFacts, Price, ProviderConfig } from './core/config.ts';
import { KeyDigest } from './core/key-secret.ts';
import { ModelTable } from './core/model-table.ts';
import type { Operation } from './core/operation.ts';
import type { Rollout } from './core/rollout.ts';
import type { Load } from './core/target.ts';
import type { Seconds } from './core/units.ts';
import { KeyRing } from './identify/api-key.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import { LimitTable } from './limits/limit-table.ts';
import { compileRules, type RuleSet } from './policy/rule-set.ts';
import { providerFor } from './providers/registry.ts';
import { JudgingThreads } from './judging/judging-threads.ts';
import { Redactors } from './redact/redactors.ts';
import { RouteTable } from './route/match-route.ts';
import type { Routing } from './route/plan-targets.ts';
import { parseFault, startSimulator, type RunningSimulator } from './simulator/simulator.ts';
import { serves } from './translations.ts';
import { CircuitBreaker } from './upstream/circuit-breaker.ts';
import { Hedge } from './upstream/hedge.ts';
import { RetryBudget } from './upstream/retry-budget.ts';
import type { CredentialNotice } from './upstream/credentials.ts';
import { Upstream } from './upstream/upstream.ts';

/** A configuration made ready to serve. A request finishes on the snapshot that it began with. */
export interface Snapshot {
  readonly config: Config;
  readonly keys: KeyRing;
  readonly redactors: Redactors;
  /** Null: there are no policies. */
  readonly policies: RuleSet | null;
  readonly routes: RouteTable;
  /** By route. */
  readonly hedges: ReadonlyMap<string, Hedge>;
  readonly limits: LimitTable;
  readonly prices: ModelTable<Price>;
  readonly modelFacts: ModelTable<ModelFacts>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly retryBudget: RetryBudget;
  /** The requests on it. */
  readonly users: Users;
  /** Unix seconds; the `created` of models. */
  readonly builtAt: Seconds;
  routing(rollouts: readonly Rollout[]): Routing;
}

/** Counts requests, so that what they need is stopped when the last one is done. */
class Users {
  private count = 0;
  private onEmpty: (() => void) | null = null;

  enter(): void {
    this.count++;
  }

  leave(): void {
    this.count--;
    if (this.count === 0) this.onEmpty?.();
  }

  /** Asked once no new request can come. */
  gone(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }
}

/** 32 secret bytes each, the same across restarts. */
export interface SnapshotSecrets {
  readonly keyHash: Buffer;
  readonly placeholders: Buffer;
}

/** A snapshot that is not in force yet: exactly one of the two is called. */
interface PreparedSnapshot {
  readonly snapshot: Snapshot;
  /** Stops what only the snapshot before needed, as soon as its requests are done. */
  commit(): void;
  discard(): Promise<void>;
}

interface RunningProvider {
  readonly config: ProviderConfig;
  readonly upstream: Upstream;
  readonly simulator: RunningSimulator | null;
}

/** Of an analyzer: after so many failures in a row it is left alone for a while, then one call tries it. */
const ANALYZER_CIRCUIT = { failures: 5, ejection: 5_000, maxEjection: 5_000 };

/** Builds snapshots one after the other; providers whose settings stay keep their connections and their health. */
export class SnapshotBuilder {
  private readonly secrets: SnapshotSecrets;
  private readonly clock: Clock;
  private readonly stored: Pick<StoredKeys, 'find'>;
  private readonly inflight: () => number;
  private readonly onNotice: (provider: string, notice: CredentialNotice) => void;
  /** They have no configuration of their own. */
  private readonly judges = new JudgingThreads();
  private running = new Map<string, RunningProvider>();
  private analyzers: ReadonlyMap<string, Analyzer> = new Map();
  /** Of the snapshot in force. */
  private users = new Users();
  private retired: Promise<void> = Promise.resolve();

  /** @param onNotice told of keys that a provider refuses */
  constructor(
    secrets: SnapshotSecrets,
    clock: Clock,
    stored: Pick<StoredKeys, 'find'>,
    inflight: () => number,
    onNotice: (provider: string, notice: CredentialNotice) => void = () => {},
  ) {
    this.onNotice = onNotice;
    this.secrets = secrets;
    this.stored = stored;
    this.clock = clock;
    this.inflight = inflight;
  }

  /** Where a part refuses, what was started for it is stopped and the running snapshot is untouched. */
  async prepare(config: Config): Promise<PreparedSnapshot> {
    const analyzers = this.openAnalyzers(config);
    const redactors = openRedactors(config, this.secrets.placeholders, analyzers, this.judges);
    const next = new Map<string, RunningProvider>();
    try {
      for (const provider of config.providers) next.set(provider.name, await this.keepOrStart(provider));
    } catch (error) {
      await this.stopUnused(next, this.running);
      throw error;
    }
    const upstreams = new Map([...next].map(([name, { upstream }]) => [name, upstream]));
    const snapshot = this.assemble(config, redactors, upstreams);
    return {
      snapshot,
      commit: () => {
        const { running: previous, analyzers: before, users } = this;
        this.running = next;
        this.analyzers = analyzers;
        this.users = snapshot.users;
        // Not awaited: requests on earlier snapshots finish first, and that may take as long as a stream does.
        this.retired = this.retired
          .then(() => users.gone())
          .then(() => closeUnused(before, analyzers))
          .then(() => this.stopUnused(previous, next));
      },
      discard: () => this.stopUnused(next, this.running),
    };
  }

  private assemble(config: Config, redactors: Redactors, upstreams: ReadonlyMap<string, Upstream>): Snapshot {
    const routes = new RouteTable(config.routes);
    if (config.attack.detect || config.routes.some(({ detectsAttacks }) => detectsAttacks)) prepareAttackScore();
    const { prompts, passthrough, holdout } = config;
    const speaks = (provider: string, operation: Operation): boolean =>
      serves(upstreams.get(provider)!.provider, operation);
    const load = (provider: string, label: string): Load => upstreams.get(provider)!.load(label);
    return {
      config,
      redactors,
      policies: compileRules(config.policies),
      routes,
      hedges: openHedges(config),
      limits: new LimitTable(config.limits),
      ...modelTables(config),
      upstreams,
      users: new Users(),
      keys: this.keyRing(config),
      retryBudget: new RetryBudget(config.upstream.retryBudget, this.inflight),
      builtAt: Math.floor(this.clock.wall() / 1000),
      routing: (rollouts) => ({
        routes,
        rollouts,
        holdout,
        prompts,
        passthroughProvider: passthrough.provider,
        speaks,
        load,
        random: Math.random,
      }),
    };
  }

  private keyRing({ keys, teams, auth }: Config): KeyRing {
    const { clock, stored, secrets } = this;
    const digest = new KeyDigest(secrets.keyHash);
    return new KeyRing({ keys, teams, digest, clock, stored, isRequired: auth.required, staleKeys: auth.staleKeys });
  }

  async close(): Promise<void> {
    await this.stopUnused(this.running, new Map());
    await closeUnused(this.analyzers, new Map());
  }

  /** One whose settings stay keeps its connections, its health and what it remembers. */
  private openAnalyzers({ redaction }: Config): ReadonlyMap<string, Analyzer> {
    return new Map(
      redaction.detectors.map((config) => {
        const running = this.analyzers.get(config.name);
        if (running !== undefined && isDeepStrictEqual(running.config, config)) return [config.name, running];
        return [config.name, new Analyzer(config, new CircuitBreaker(ANALYZER_CIRCUIT, this.clock), this.clock)];
      }),
    );
  }

  private async keepOrStart(config: ProviderConfig): Promise<RunningProvider> {
    const running = this.running.get(config.name);
    if (running !== undefined && isDeepStrictEqual(running.config, config)) return running;
    const simulator = config.baseUrl === null ? await startEmbedded(config) : null;
    const baseUrl = config.baseUrl ?? simulator!.baseUrl;
    const onNotice = (notice: CredentialNotice): void => this.onNotice(config.name, notice);
    return { config, simulator, upstream: new Upstream(config, providerFor(config), baseUrl, this.clock, onNotice) };
  }

  private async stopUnused(
    candidates: ReadonlyMap<string, RunningProvider>,
    kept: ReadonlyMap<string, RunningProvider>,
  ): Promise<void> {
    const keptOnes = new Set(kept.values());
    for (const provider of candidates.values()) {
      if (keptOnes.has(provider)) continue;
      await provider.upstream.close();
      await provider.simulator?.close();
    }
  }
}

async function closeUnused(
  analyzers: ReadonlyMap<string, Analyzer>,
  kept: ReadonlyMap<string, Analyzer>,
): Promise<void> {
  const keptOnes = new Set(kept.values());
  await Promise.all([...analyzers.values()].filter((each) => !keptOnes.has(each)).map((each) => each.close()));
}

/** What the file and the vendors' lists say, then what clouds serve under names of their own. */
function modelTables({ prices, modelFacts, providers }: Config): Pick<Snapshot, 'prices' | 'modelFacts'> {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const known = (provider: string, model: string): CloudModel | null => {
    const config = byName.get(provider);
    return config === undefined ? null : cloudModel(config, model);
  };
  return {
    prices: new ModelTable(prices, (provider, model) => known(provider, model)?.price ?? null),
    modelFacts: new ModelTable(modelFacts, (provider, model) => known(provider, model)?.facts ?? null),
  };
}

function openHedges({ routes }: Config): ReadonlyMap<string, Hedge> {
  return new Map(routes.flatMap(({ name, hedge }) => (hedge === null ? [] : [[name, new Hedge(hedge)] as const])));
}

function openRedactors(
  { redaction, routes }: Config,
  secret: Buffer,
  analyzers: ReadonlyMap<string, Analyzer>,
  judges: JudgingThreads,
): Redactors {
  const changes = routes.flatMap((route) => (route.redaction === null ? [] : [[route.name, route.redaction] as const]));
  return new Redactors(redaction, secret, new Map(changes), analyzers, judges);
}

function startEmbedded({ simulator }: ProviderConfig): Promise<RunningSimulator> {
  const { seed = 1, profiles = {}, faults = [] } = simulator ?? {};
  return startSimulator({ seed, profiles: { ...profiles }, faults: faults.map(parseFault) });
}
