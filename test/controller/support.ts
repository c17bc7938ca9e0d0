import { AnalysisBoard } from '../../src/controller/analysis-board.ts';
import { Controller, type ControllerDeps } from '../../src/controller/controller.ts';
import type { ConfirmGate } from '../../src/core/config.ts';
import type { Veto } from '../../src/controller/evidence.ts';
import type { LogEntry } from '../../src/core/outcome.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import type { RolloutEvent, Stores } from '../../src/core/stores.ts';
import { parseRollout } from '../../src/config/rollout.ts';
import { RolloutRegistry } from '../../src/rollout/registry.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { Random } from '../../bench/judge-scenarios.ts';
import { loadRegression } from './regression-config.ts';

const START = Date.UTC(2026, 0, 1);

export class FakeClock {
  elapsed = 0;
  now = (): number => this.elapsed;
  wall = (): number => START + this.elapsed;
}

const REFERENCES = { providers: [{ name: 'sim' }] as never, prompts: new Map() };
const parse = (declared: JsonValue) => parseRollout(declared, REFERENCES);

export const CANARY = {
  name: 'next',
  match: { model: 'm' },
  canary: { target: 'sim/new' },
  steps: ['50%', '100%'],
  step: { min: '10s', max: '60s', inconclusive: 'advance' },
  guard: { error_rate: '+25%' },
};

/** A store, a clock, one declared rollout, and gateways that may judge it. */
export class Bench {
  readonly clock = new FakeClock();
  readonly stores: Stores;
  readonly registry: RolloutRegistry;
  readonly decisions: string[] = [];
  readonly unreadable: string[] = [];
  veto: Veto | null = null;
  wish: Veto | null = null;
  /** Awaited before a gate answers. */
  answer: Promise<void> = Promise.resolve();
  asked: ConfirmGate[] = [];
  keepers: readonly string[] = ['qa'];
  /** How often somebody was asked for a wish. */
  wishes = 0;
  /** Awaited before a wish is told. */
  wishAnswer: Promise<void> = Promise.resolve();
  private readonly random = new Random(11);
  private sent = 0;
  private readonly arms = new Map<string, number>();

  private constructor(stores: Stores, registry: RolloutRegistry, clock: FakeClock) {
    this.stores = stores;
    this.registry = registry;
    this.clock = clock;
  }

  static async open(declared: JsonValue = CANARY): Promise<Bench> {
    const clock = new FakeClock();
    const stores = await openStores('sqlite::memory:', clock);
    const registry = await RolloutRegistry.open(stores.rollouts, clock);
    await registry.declare({ specs: [parse(declared)], parse });
    return new Bench(stores, registry, clock);
  }

  controller(holder = 'a', board = new AnalysisBoard()): Controller {
    const deps: ControllerDeps = {
      clock: this.clock,
      holder,
      leases: this.stores.leases,
      evidence: this.stores.evidence,
      rollouts: this.registry,
      board,
      regression: () => ({ ...loadRegression(), enabled: false }),
      askGate: async (gate) => {
        this.asked.push(gate);
        await this.answer;
        return this.veto;
      },
      gatekeepers: () => this.keepers,
      askRollback: async () => {
        this.wishes++;
        await this.wishAnswer;
        return this.wish;
      },
      noteRegression: async () => {},
      decided: (rollout, decision, reason) => this.decisions.push(`${holder}: ${rollout} ${decision} ${reason}`),
      unreadable: (what) => this.unreadable.push(what),
      breathe: async () => {},
    };
    return new Controller(deps);
  }

  /**
   * Requests one each 100 ms, in the shares that the rollout has now. @param users whose requests they are, each in turn and
   * always on the same arm; none given: each request is a unit of its own
   */
  async send(count: number, errorRate: { readonly stable: number; readonly canary: number }, users = 0): Promise<void> {
    const { spec, state } = this.registry.get('next');
    const entries: LogEntry[] = [];
    for (let index = 0; index < count; index++) {
      this.clock.elapsed += 100;
      const unit = `unit-${users === 0 ? this.sent : this.sent % users}`;
      const arm = this.armOf(unit, state.weight);
      const error = this.random.uniform() < (arm === 1 ? errorRate.canary : errorRate.stable);
      entries.push({
        kind: 'trial',
        rollout: spec.name,
        epoch: state.epoch,
        arm,
        unit,
        probability: state.weight / 100,
        requestId: `request-${this.sent++}`,
        at: this.clock.wall() / 1000,
        error,
        latencyMs: 100,
      });
    }
    await this.stores.evidence.append(JSON.stringify(entries));
  }

  private armOf(unit: string, weight: number): number {
    const arm = this.arms.get(unit) ?? (this.random.uniform() < weight / 100 ? 1 : 0);
    this.arms.set(unit, arm);
    return arm;
  }

  async execute(verb: 'pause' | 'promote' | 'abort' | 'retry'): Promise<void> {
    await this.registry.execute('next', verb === 'promote' ? { verb, full: true } : { verb }, { actor: 'api' });
  }

  async apply(declared: JsonValue): Promise<void> {
    await this.registry.apply(parse(declared), { actor: 'api' });
  }

  state() {
    const { phase, weight } = this.registry.get('next').state;
    return `${phase} ${weight}`;
  }

  /** Oldest first, without the declaration. */
  async history(): Promise<readonly RolloutEvent[]> {
    const events = await this.stores.rollouts.history('next', 100);
    return events.filter(({ action }) => action !== 'apply').toReversed();
  }
}

export const SAME = { stable: 0.02, canary: 0.02 };
export const BAD = { stable: 0.01, canary: 0.3 };
