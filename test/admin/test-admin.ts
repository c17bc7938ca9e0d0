import type { Problem } from '../../src/config/problem.ts';
import { parseRollout } from '../../src/config/rollout.ts';
import type { AuditView } from '../../src/core/audit.ts';
import type { AnalysisView } from '../../src/core/analysis.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { RequestRecord, SearchTrouble } from '../../src/core/recent.ts';
import type { Redactor } from '../../src/core/redaction.ts';
import type { Config, ProviderConfig } from '../../src/core/config.ts';
import { KeyDigest } from '../../src/core/key-secret.ts';
import type { KeyEvent } from '../../src/core/keys.ts';
import type { AdminDeps } from '../../src/admin/deps.ts';
import { startAdmin, type AdminServer } from '../../src/admin/server.ts';
import { EventFeed } from '../../src/controller/event-feed.ts';
import { RolloutRegistry } from '../../src/rollout/registry.ts';
import { checkRedactionChange } from '../../src/check-parts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { parseStoredKey } from '../../src/config/keys.ts';
import { KeyAdmin } from '../../src/keys/key-admin.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { FakeStore } from '../rollout/fake-store.ts';

export const DECLARED = {
  name: 'fast-v2',
  match: { model: 'chat-fast' },
  stable: { target: 'sim/fast-v1' },
  canary: { target: 'sim/fast-v2' },
  steps: ['5%', '25%', '50%', '100%'],
};

const references = { providers: [{ name: 'sim' } as ProviderConfig], prompts: new Map() };
const parse = (declared: unknown) => parseRollout(declared, references);
const clock = { now: () => 0, wall: () => Date.UTC(2026, 0, 31, 12) };

/** What keys may refer to. */
const KEYS_YAML = `
providers: { sim: { type: simulator } }
passthrough: { provider: sim }
teams: [{ name: search, models: [gpt-*] }]
keys: [{ name: dev, secret: sk-sluice-of-the-file, limits: { requests: 600/m, tokens: 200k/m } }]
`;

/** Finds the word `secret`, and blocks the word `block`. */
const redactor = {
  redactText: (text: string) => {
    if (text.includes('block')) throw new GatewayError('secret_detected', 'The rule custom.block matched.');
    const start = text.indexOf('secret');
    if (start < 0) return { text, findings: [] };
    const finding = { rule: 'secret.word', category: 'secrets', action: 'mask', start, end: start + 6 } as const;
    return { text: text.replace('secret', '[***]'), findings: [finding] };
  },
} as unknown as Redactor;

const NO_TRAIL: AuditView = {
  verifierKey: 'test+00000000+AA==',
  entries: async () => [],
  checkpoints: async () => [],
  verify: async () => ({ ok: true, entries: 0, checkpoints: 0, keptCheckpoints: 0, root: '', problem: null }),
};

export interface TestAdmin {
  readonly url: string;
  readonly server: AdminServer;
  readonly registry: RolloutRegistry;
  readonly store: FakeStore;
  readonly logged: unknown[];
  /** What was told of changes of keys. */
  readonly keyEvents: KeyEvent[];
  /** The configuration that stored keys are judged by. */
  config: Config;
  /** What the next reload finds wrong. */
  problems: Problem[];
  notReady: string[];
  records: RequestRecord[];
  /** Why some of them may be missing. */
  searchTrouble: SearchTrouble | null;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** @returns status and JSON body */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }>;
}

/** Of a controller that knows nothing but what is given. */
export function viewOf(known: Partial<AnalysisView>): AnalysisView {
  return { analysis: () => null, regressions: () => [], pairs: () => [], budget: async () => null, ...known };
}

/** A control plane on a real socket, with one declared rollout, over a store in memory. */
export async function startTestAdmin(change: Partial<AdminDeps> = {}): Promise<TestAdmin> {
  const store = new FakeStore();
  const registry = await RolloutRegistry.open(store, clock);
  await registry.declare({ specs: [parse(DECLARED)], parse });
  const state = {
    problems: [] as Problem[],
    notReady: [] as string[],
    records: [] as RequestRecord[],
    searchTrouble: null as SearchTrouble | null,
    logged: [] as unknown[],
    keyEvents: [] as KeyEvent[],
    config: parseConfig(Buffer.from(KEYS_YAML), 'keys.yaml', {}).config,
  };
  const { keys: keyStore } = await openStores('sqlite::memory:', clock);
  const keyAdmin = new KeyAdmin({
    store: keyStore,
    digest: new KeyDigest(Buffer.alloc(32, 3)),
    clock,
    parse: (declared) => parseStoredKey(declared, state.config, checkRedactionChange),
    configNames: () => state.config.keys.map(({ name }) => name),
    changed: async (event) => void state.keyEvents.push(event),
  });
  const server = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    token: () => null,
    version: '1.2.3',
    rollouts: registry,
    keys: { admin: keyAdmin, surroundings: () => state.config, now: clock.wall },
    analysis: viewOf({}),
    trail: { action: (_action, work) => work() },
    audit: NO_TRAIL,
    parseRollout: parse,
    requests: {
      search: async ({ rollout, limit }) => {
        const records = state.records.filter((each) => each.rollout === (rollout ?? each.rollout)).slice(0, limit);
        return { records, trouble: state.searchTrouble };
      },
    },
    redactor: () => redactor,
    configuration: {
      describe: () => ({ admin: { token: '(hidden)' } }),
      reload: async () => ({
        ok: state.problems.length === 0,
        changed: true,
        problems: state.problems,
        warnings: [],
        restartNeeded: ['gateway.port'],
      }),
    },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'sluice_inflight_requests 0\n' }),
    ready: async () => ({ ready: state.notReady.length === 0, reasons: state.notReady }),
    log: (message, error) => state.logged.push({ message, error }),
    ...change,
  });
  const feed = new EventFeed(store, await store.newestEvent(), (event) => server.publishEvent(event));
  registry.listen(() => void feed.poll());
  const url = `http://127.0.0.1:${server.port}`;
  const request = (path: string, init?: RequestInit) => fetch(url + path, init);
  return Object.assign(state, {
    url,
    server,
    registry,
    store,
    fetch: request,
    call: async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await request(path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
  });
}
