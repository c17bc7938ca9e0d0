import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, parse, problemsOf, whole } from './load-text.ts';

const CONTRACT = `
gateway: { host: 127.0.0.1, port: 8080, workers: 1 }
admin:   { host: 127.0.0.1, port: 8081, token: "\${SLUICE_ADMIN_TOKEN:-}" }
store:    "sqlite:./data/sluice.db"
counters: "memory:"
auth:    { required: false }
providers:
  openai: { type: openai, baseUrl: "https://api.openai.com/v1", apiKey: "\${OPENAI_API_KEY:-}" }
  claude: { type: anthropic, apiKey: "\${ANTHROPIC_API_KEY:-}" }
  sim:    { type: simulator }
passthrough: { provider: openai }
models:
  chat-fast:  { target: sim/fast-v1, fallbacks: [sim/fast-v0] }
  "gpt-*":    { provider: openai }
  "claude-*": { provider: claude }
prompts:
  support: { v6: { system: "Six" }, v7: { system: "Seven" } }
rollouts:
  - name: fast-v2
    match:  { model: chat-fast }
    stable: { target: sim/fast-v1 }
    canary: { target: sim/fast-v2, params: { temperature: 0.2 }, prompt: support@v7 }
    sticky: [metadata.conversation, user, key]
    steps:  [5%, 25%, 50%, 100%]
    step:   { min: 10m, max: 2h, inconclusive: pause }
    guard:  { error_rate: +25%, ttft_p95: +15%, latency_p95: +15%, refusal_rate: +25%, invalid_json: +25%, cost: +20% }
    watch:  [finish_reason, output_tokens]
    segments: [metadata.language, key]
    on:     { srm: hold, no_traffic: hold }
  - name: tone-ab
    match: { metadata.route: support }
    arms:  { a: { weight: 50, prompt: support@v6 }, b: { weight: 50, prompt: support@v7 } }
    goal:  { feedback: up }
  - name: try-local
    match:  { model: chat-fast }
    shadow: { target: sim/candidate, sample: 10%, budget: 20 USD/day, timeout: 30s }
keys:
  - { name: dev, secret: "\${SLUICE_DEV_KEY:-sk-sluice-dev}", models: ["*"], limits: { requests: 600/m, tokens: 200k/m, concurrent: 32 }, budget: 50 USD/month, metadata: { team: core } }
redaction:
  secrets:     { request: placeholder, response: mask }
  cards:       { request: placeholder, response: report }
  ibans:       { request: placeholder, response: report }
  national_ids: { request: placeholder, response: report }
  emails:      { request: allow, response: allow }
  phones:      { request: allow, response: allow }
  ips:         { request: allow, response: allow }
  generic_secrets: { request: report, response: report }
  rules: [ { id: custom.ticket, pattern: "TCK-[0-9]{8}", request: mask, response: allow } ]
  allow: [ "sk-sluice-dev" ]
`;

const DEFAULT_TIMEOUTS = { connect: 5000, firstByte: 120_000, reply: 600_000, idle: 120_000, total: 3_600_000 };
const DEFAULT_RETRIES = { attempts: 1, statuses: [429, 500, 502, 503, 504, 529], maxWait: 2000 };
const DEFAULT_BREAKER = { failures: 5, ejection: 30_000, maxEjection: 300_000 };

describe('a file that says everything', () => {
  const { config, warnings } = load(CONTRACT, { OPENAI_API_KEY: 'sk-openai' });

  it('loads without a warning', () => {
    expect(warnings).toEqual([]);
  });

  it('gives each provider its address and key', () => {
    expect(config.providers.map(({ name, baseUrl, key }) => [name, baseUrl, key])).toEqual([
      ['openai', 'https://api.openai.com/v1', { kind: 'configured', value: 'sk-openai' }],
      ['claude', 'https://api.anthropic.com', { kind: 'none' }],
      ['sim', null, { kind: 'none' }],
    ]);
  });

  it('resolves each form of rollout', () => {
    expect(
      config.rollouts.map(({ name, kind, steps, match }) => ({
        name,
        kind,
        steps: steps.map(({ weight }) => weight),
        match,
      })),
    ).toEqual([
      {
        name: 'fast-v2',
        kind: 'canary',
        steps: [5, 25, 50, 100],
        match: { model: 'chat-fast', key: null, metadata: {} },
      },
      {
        name: 'tone-ab',
        kind: 'experiment',
        steps: [],
        match: { model: null, key: null, metadata: { route: 'support' } },
      },
      { name: 'try-local', kind: 'shadow', steps: [], match: { model: 'chat-fast', key: null, metadata: {} } },
    ]);
    expect(config.rollouts[0]!.arms[1]).toEqual({
      name: 'canary',
      target: { provider: 'sim', model: 'fast-v2' },
      params: { temperature: 0.2 },
      prompt: { name: 'support', version: 'v7' },
      weight: 0,
    });
    expect(config.rollouts[1]!.declared).toEqual({
      name: 'tone-ab',
      match: { 'metadata.route': 'support' },
      arms: { a: { weight: 50, prompt: 'support@v6' }, b: { weight: 50, prompt: 'support@v7' } },
      goal: { feedback: 'up' },
    });
  });

  it('keeps keys, prompts and rules of its own', () => {
    expect(config.keys).toEqual([
      {
        name: 'dev',
        secretHash: createHash('sha256').update('sk-sluice-dev').digest('hex'),
        models: ['*'],
        allowArmOverride: false,
        metadata: { team: 'core' },
        redaction: null,
        owner: null,
        team: null,
        limits: { requests: { amount: 600, per: 60_000 }, tokens: { amount: 200_000, per: 60_000 }, concurrent: 32 },
        budgets: [{ usd: 50, per: 'month', isRolling: false }],
        onCounterFailure: { kind: 'closed' },
        expiresAt: null,
      },
    ]);
    expect(config.prompts.get('support')!.get('v7')).toEqual({ name: 'support', version: 'v7', system: 'Seven' });
    expect(config.redaction.rules).toEqual([
      {
        id: 'custom.ticket',
        pattern: 'TCK-[0-9]{8}',
        request: 'mask',
        response: 'allow',
        examples: [],
        nearMisses: [],
        index: 0,
      },
    ]);
  });
});

describe('a file that says no more than it must', () => {
  const { config, warnings } = parse('providers: { sim: { type: simulator } }\npassthrough: { provider: sim }');

  it('has every default', () => {
    expect(warnings).toEqual([]);
    expect(config).toEqual({
      gateway: {
        host: '127.0.0.1',
        port: 8080,
        publicUrl: null,
        workers: 1,
        workerTimeout: 30_000,
        maxBodyBytes: 20 * 1024 * 1024,
        maxEventBytes: 16 * 1024 * 1024,
        maxInflight: 10_000,
        timeouts: {
          headers: 15_000,
          request: 60_000,
          keepAlive: 75_000,
          writeStall: 60_000,
          drainDelay: 0,
          drain: 600_000,
        },
      },
      admin: { host: '127.0.0.1', port: 8081, token: null },
      store: `sqlite:${resolve('data/sluice.db')}`,
      spool: { directory: resolve('data/sluice.db.spool'), maxBytes: 256 * 1024 * 1024 },
      auth: { required: false, staleKeys: 300_000 },
      upstream: {
        timeouts: DEFAULT_TIMEOUTS,
        retries: DEFAULT_RETRIES,
        circuitBreaker: DEFAULT_BREAKER,
        retryBudget: { fraction: 0.2, minimum: 3 },
      },
      providers: [
        {
          name: 'sim',
          type: 'simulator',
          baseUrl: null,
          key: { kind: 'none' },
          api: 'chat',
          tellsTrace: true,
          headers: {},
          timeouts: DEFAULT_TIMEOUTS,
          retries: DEFAULT_RETRIES,
          circuitBreaker: DEFAULT_BREAKER,
          maxConnections: null,
          allowAddresses: [],
          azure: null,
          vertex: null,
          simulator: { seed: 1, profiles: {}, faults: [] },
        },
      ],
      cache: null,
      passthrough: { provider: 'sim', anthropic: 'sim', lookAhead: 4 * 1024 * 1024, audit: false },
      routes: [],
      prompts: new Map(),
      rollouts: [],
      holdout: null,
      regression: expect.objectContaining({ enabled: true, segments: [] }) as unknown,
      webhooks: [],
      prices: new Map([['sim/*', { input: 0, cachedInput: 0, output: 0 }]]),
      modelFacts: new Map(),
      unknownPrice: 'refuse',
      counters: 'memory:',
      teams: [],
      telemetry: null,
      record: { recent: 2_000, content: false, contentBytes: 16_384, files: null, postgres: null, queue: 20_000 },
      limits: [],
      keys: [],
      attack: { detect: false },
      policies: [],
      redaction: {
        categories: {
          secrets: { request: 'placeholder', response: 'mask' },
          cards: { request: 'placeholder', response: 'report' },
          ibans: { request: 'placeholder', response: 'report' },
          national_ids: { request: 'placeholder', response: 'report' },
          emails: { request: 'allow', response: 'allow' },
          phones: { request: 'allow', response: 'allow' },
          ips: { request: 'allow', response: 'allow' },
          generic_secrets: { request: 'report', response: 'report' },
        },
        overrides: {},
        rules: [],
        allow: [],
        restore: {
          secrets: 'tool_arguments',
          cards: 'everywhere',
          ibans: 'everywhere',
          national_ids: 'everywhere',
          emails: 'everywhere',
          phones: 'everywhere',
          ips: 'everywhere',
          generic_secrets: 'tool_arguments',
          custom: 'everywhere',
        },
        failure: 'open',
        detectors: [],
      },
      audit: {
        required: ['*'],
        queue: 10_000,
        spool: join(process.cwd(), 'data/sluice.db.audit-spool'),
        checkpoints: null,
        checkpointEvery: { entries: 1_000, time: 60_000 },
      },
      log: { level: 'info' },
    });
  });
});

describe('routes', () => {
  it('stand exact before glob, the longest glob first', () => {
    const names = ['g*', 'gpt-4', 'gpt-4*', '*', 'a', 'gpt-*'];
    const models = names.map((name) => `  "${name}": { provider: sim }`).join('\n');
    const { config } = load(`providers: { sim: { type: simulator } }\nmodels:\n${models}`);
    expect(config.routes.map(({ name }) => name)).toEqual(['gpt-4', 'a', 'gpt-4*', 'gpt-*', 'g*', '*']);
    expect(config.routes.map(({ isGlob }) => isGlob)).toEqual([false, false, true, true, true, true]);
  });

  it('keep the asked name where only a provider is given, and slashes of a model name', () => {
    const { config } = load(
      'providers: { o: { type: openai } }\nmodels: { a: { provider: o }, b: { target: o/org/model:free } }',
    );
    expect(config.routes.map(({ target }) => target)).toEqual([
      { provider: 'o', model: null },
      { provider: 'o', model: 'org/model:free' },
    ]);
  });
});

describe('a provider', () => {
  it('overrides single upstream settings and takes over the rest', () => {
    const { config } = load(`
upstream: { timeouts: { idle: 30s }, retries: { attempts: 2 }, circuitBreaker: { failures: 9 } }
providers:
  a: { type: openai, timeouts: { connect: 500ms }, retries: { statuses: [503] }, circuitBreaker: { ejection: 1m } }
  b: { type: simulator }`);
    expect(config.providers[0]).toMatchObject({
      timeouts: { ...DEFAULT_TIMEOUTS, idle: 30_000, connect: 500 },
      retries: { attempts: 2, statuses: [503], maxWait: 2000 },
      circuitBreaker: { failures: 9, ejection: 60_000, maxEjection: 300_000 },
    });
    expect(config.providers[1]!.timeouts).toEqual({ ...DEFAULT_TIMEOUTS, idle: 30_000 });
  });

  it('has as many connections as it needs, or as are set', () => {
    const { config } = load('providers: { a: { type: openai }, b: { type: openai, maxConnections: 7 } }');
    expect(config.providers.map(({ maxConnections }) => maxConnections)).toEqual([null, 7]);
  });

  it('sends the caller key where it says so, and headers in lower case', () => {
    const { config } = load('providers: { a: { type: anthropic, apiKey: client, headers: { X-Team: core } } }');
    expect(config.providers[0]).toMatchObject({ key: { kind: 'client' }, headers: { 'x-team': 'core' } });
  });

  it('hands the simulator its options', () => {
    const { config } = load(
      'providers: { s: { type: simulator, seed: 7, profiles: { m: { errorRate: 1 } }, faults: [x] } }',
    );
    expect(config.providers[0]!.simulator).toEqual({ seed: 7, profiles: { m: { errorRate: 1 } }, faults: ['x'] });
  });
});

describe('redaction', () => {
  it('takes one action for both directions, and keeps the default of a direction that is left out', () => {
    const { categories } = load('redaction: { emails: mask, cards: { request: block }, secrets: { response: hash } }')
      .config.redaction;
    expect(categories.emails).toEqual({ request: 'mask', response: 'mask' });
    expect(categories.cards).toEqual({ request: 'block', response: 'report' });
    expect(categories.secrets).toEqual({ request: 'placeholder', response: 'hash' });
  });

  it('warns of no category: each has rules', () => {
    const { warnings } = load('redaction: { phones: mask, ips: { request: mask }, national_ids: { request: mask } }');
    expect(warnings).toEqual([]);
  });

  it('takes a rule without a pattern for the bundled one of this id', () => {
    const { rules, overrides } = load('redaction: { rules: [{ id: secret.github_pat, request: mask }] }').config
      .redaction;
    expect(rules).toEqual([]);
    expect(overrides).toEqual({ 'secret.github_pat': { request: 'mask' } });
  });
});

describe('a loaded configuration', () => {
  it('has the hash of the bytes of the file', () => {
    const text = whole('gateway: {}');
    expect(parse(text).sourceHash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('keeps the store in memory or at an absolute path', () => {
    expect(load('store: "sqlite::memory:"').config.store).toBe('sqlite::memory:');
    expect(load('store: "sqlite:/var/lib/s.db"').config.store).toBe('sqlite:/var/lib/s.db');
  });

  it('what waits for the store waits beside its file, or where the file would be', () => {
    const places = (yaml: string) => {
      const { spool, audit } = load(yaml).config;
      return [spool.directory, audit.spool];
    };
    expect(places('store: "sqlite:/var/lib/s.db"')).toEqual(['/var/lib/s.db.spool', '/var/lib/s.db.audit-spool']);
    expect(places('store: "sqlite::memory:"')).toEqual([null, null]);
    expect(places('store: "postgres://u@h/d"')).toEqual([resolve('data/spool'), resolve('data/audit-spool')]);
    expect(places('store: "postgres://u@h/d"\nspool: { directory: s }\naudit: { spool: a }')).toEqual([
      resolve('s'),
      resolve('a'),
    ]);
  });

  it('opens the admin port to others where there is a token', () => {
    expect(load('admin: { host: 0.0.0.0, token: t }').config.admin.token).toBe('t');
    expect(load('admin: { host: "::1" }').config.admin.host).toBe('::1');
  });

  const onePort = (one: string, other: string) =>
    `gateway: { host: "${one}", port: 9 }\nadmin: { host: "${other}", port: 9, token: t }`;

  it.each([
    ['127.0.0.1', '::1'],
    ['10.0.0.1', '127.0.0.1'],
  ])('may have one port on %s and %s', (one, other) => {
    expect(load(onePort(one, other)).config.admin.port).toBe(9);
  });

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['127.0.0.1', 'localhost'],
    ['0.0.0.0', '10.0.0.1'],
  ])('may not have one port on %s and %s', (one, other) => {
    expect(problemsOf(onePort(one, other)).map(({ path }) => path)).toEqual(['admin.port']);
  });

  it('lets both planes take free ports', () => {
    expect(load('gateway: { port: 0 }\nadmin: { port: 0 }').config.admin.port).toBe(0);
  });

  it('keeps content where that is asked for', () => {
    const { config, warnings } = load('record: { content: true, contentBytes: 4KiB }');
    expect([config.record.content, config.record.contentBytes, warnings]).toEqual([true, 4096, []]);
  });
});
