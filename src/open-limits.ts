import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { Counters } from './core/counters.ts';
import { configKeyId } from './core/keys.ts';
import type { Stores } from './core/stores.ts';
import { LeasedCounters, type LeaseNews } from './counters/leased-counters.ts';
import { MemoryCounters } from './counters/memory-counters.ts';
import { openCounters } from './counters/open-counters.ts';
import { SharedOrLocal } from './counters/shared-or-local.ts';
import { keyAllowance, teamAllowance } from './identify/principal.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import { Admission } from './limits/admission.ts';
import { SpendLedger } from './limits/spend-ledger.ts';
import { NANO_PER_USD, Subject } from './limits/subject.ts';
import { loadTokenizer } from './limits/tokenizer.ts';
import type { Metrics } from './record/metrics.ts';
import type { RemainingBudget } from './record/scraped-metrics.ts';

interface LimitsBase {
  readonly config: Config;
  /** Where what is spent is kept over a restart; null: nothing is counted here. */
  readonly stores: Pick<Stores, 'counters'> | null;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** What limits and budgets are counted with, for as long as the gateway runs. */
interface OpenLimits {
  readonly admission: Admission;
  readonly counters: Counters;
  /** What is counted in this process; null: others count. */
  readonly own: OwnCounters | null;
  /** What this process leases; null: it does not. */
  readonly leased: LeasedCounters | null;
}

export interface OwnCounters {
  readonly memory: MemoryCounters;
  readonly ledger: SpendLedger;
}

/**
 * @param opened what must be closed; a counter that others share need not be there yet
 * @param counters by default those of the configuration
 * @param tellLeases given, parts of them are leased
 */
export async function openLimits(
  base: LimitsBase,
  opened: AsyncDisposableStack,
  counters = openCounters(base.config.counters, base.clock),
  tellLeases: ((news: LeaseNews) => void) | null = null,
): Promise<OpenLimits> {
  const { config, clock, metrics, log } = base;
  const ledger =
    counters instanceof MemoryCounters && base.stores !== null
      ? await openLedger({ ...base, stores: base.stores }, counters)
      : null;
  const watched = ledger === null ? watch(counters, base) : null;
  const leased = watched === null || tellLeases === null ? null : lease(watched, clock, tellLeases);
  const shared = leased ?? watched ?? counters;
  metrics.countersAre(true);
  const failed = (error: unknown): void => {
    metrics.countingFailed('failed');
    log.error({ err: error }, 'what a request used could not be counted');
  };
  const admission = new Admission({ counters: shared, clock, ledger, failed, denied: (rule) => metrics.denied(rule) });
  opened.defer(async () => {
    admission.close();
    await ledger?.close();
    await shared.close();
  });
  loadTokenizers(config);
  const own = ledger === null ? null : { memory: counters as MemoryCounters, ledger };
  return { admission, counters: shared, own, leased };
}

async function openLedger(
  { stores, clock, log, metrics }: LimitsBase & { readonly stores: Pick<Stores, 'counters'> },
  counters: MemoryCounters,
): Promise<SpendLedger> {
  const failed = (error: unknown): void => {
    metrics.countingFailed('failed');
    log.error({ err: error }, 'what was spent of budgets cannot be stored; a restart would forget it');
  };
  const ledger = new SpendLedger({ store: stores.counters, clock, failed });
  await ledger.load(counters);
  return ledger;
}

function lease(asked: SharedOrLocal, clock: Clock, tell: (news: LeaseNews) => void): LeasedCounters {
  return new LeasedCounters({ asked, clock, tell, stands: (claims, states) => asked.remember(claims, states) });
}

function watch(counters: Counters, { clock, log, metrics }: LimitsBase): SharedOrLocal {
  return new SharedOrLocal(counters, clock, {
    down(cause) {
      metrics.countersAre(false);
      log.error({ err: cause }, 'the shared counters are down: each limit has what it is configured to have');
    },
    up() {
      metrics.countersAre(true);
      log.info('the shared counters answer again');
    },
    decidedAlone: (how) => metrics.countedAlone(how),
    lost(settlements) {
      metrics.countingFailed('lost', settlements);
      log.error({ settlements }, 'what requests used is lost: the shared counters did not come back in time');
    },
  });
}

/** For the first request that is counted with it: loading one takes a tenth of a second. */
function loadTokenizers({ keys, teams, limits, modelFacts }: Config): void {
  const allowances = [...keys, ...teams, ...limits];
  if (!allowances.some(({ budgets, limits: { tokens } }) => budgets.length > 0 || tokens !== null)) return;
  const names = new Set([...modelFacts.values()].flatMap(({ tokenizer }) => (tokenizer === null ? [] : [tokenizer])));
  for (const name of names) void loadTokenizer(name);
}

const ASKED_AT_ONCE = 100;

/**
 * Of each key and team the budget of which least is left; of the store's keys those that were used here. Rejects while the
 * counters are down.
 */
export async function remainingBudgets(
  counters: Counters,
  { keys, teams }: Config,
  stored: Pick<StoredKeys, 'allowances'>,
  clock: Clock,
): Promise<RemainingBudget[]> {
  const ofKeys = keys.map((key) => keyAllowance(configKeyId(key.name), key));
  const claims = [...ofKeys, ...stored.allowances(), ...teams.map(teamAllowance)].flatMap((of) => {
    const subject = new Subject(of.name, of.counter, of);
    return subject.budgetClaims(0, clock.wall()).map((claim) => ({ of, claim }));
  });
  // By name, as metrics tell it: a key of the file may have the name of one of the store.
  const least = new Map<string, RemainingBudget>();
  for (let at = 0; at < claims.length; at += ASKED_AT_ONCE) {
    const some = claims.slice(at, at + ASKED_AT_ONCE);
    const states = await counters.peek(some.map(({ claim }) => claim));
    for (const [index, { of }] of some.entries()) {
      const subject = `${of.kind}:${of.name}`;
      const usd = states[index]!.remaining / NANO_PER_USD;
      const limitUsd = some[index]!.claim.limit / NANO_PER_USD;
      if (usd < (least.get(subject)?.usd ?? Infinity))
        least.set(subject, { subject: of.kind, name: of.name, usd, limitUsd });
    }
  }
  return [...least.values()];
}
