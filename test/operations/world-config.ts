/** Configurations of the gateways that the queries are tried on. */
export const CLOSED = 'redis://127.0.0.1:1';

export const APP = { authorization: 'Bearer sk-app-0123456789' };
export const SPENT = { authorization: 'Bearer sk-spent-0123456789' };

/** A reply from the cache says nothing about an arm. */
const UNKEPT = { cache: { ttl: '0s' } };
const PRICES = { input: 2, output: 8 };
const GUARD = { error_rate: '+25%', ttft_p95: '+15%', latency_p95: '+15%', cost: '+20%' };

/** Has everything, and providers of every kind of trouble. */
export function busy(folder: string, servers: string, simulator: string): object {
  return {
    store: `sqlite:${folder}/busy.db`,
    upstream: { retries: { attempts: 1 }, circuitBreaker: { failures: 3 } },
    providers: {
      sim: {
        type: 'simulator',
        profiles: {
          bad: { errorRate: 0.3 },
          v1: { errorRate: 0.01 },
          slow: { ttft: { distribution: 'constant', medianMs: 6_000 } },
          flaky: { errorRate: 0.9, errorStatus: 503 },
        },
        retries: { attempts: 0 },
        circuitBreaker: { failures: 1_000 },
      },
      flaky: {
        type: 'simulator',
        profiles: { m: { errorRate: 0.6, errorStatus: 503 } },
        circuitBreaker: { failures: 1_000 },
      },
      changing: { type: 'openai', baseUrl: `${simulator}/v1` },
      gone: { type: 'openai', baseUrl: 'http://127.0.0.1:1/v1' },
      refuses: { type: 'openai', baseUrl: `${servers}/refuses/v1`, apiKey: 'sk-upstream-0123456789' },
      pool: {
        type: 'openai',
        baseUrl: `${servers}/spent/v1`,
        apiKeys: ['sk-first-0123456789', 'sk-second-0123456789'],
      },
      objects: { type: 'openai', baseUrl: `${servers}/objects/v1` },
    },
    passthrough: { provider: 'objects' },
    models: {
      chat: { target: 'sim/v1', ...UNKEPT },
      tone: { target: 'sim/fast-v1', ...UNKEPT },
      echo: { target: 'sim/echo', ...UNKEPT },
      slow: { target: 'sim/slow', ...UNKEPT },
      flaky: { target: 'flaky/m', ...UNKEPT },
      changing: { target: 'changing/gpt', ...UNKEPT },
      gone: { target: 'gone/m', fallbacks: ['sim/fast-v0'], ...UNKEPT },
      refuses: { target: 'refuses/m', ...UNKEPT },
      pool: { target: 'pool/m', ...UNKEPT },
      cached: { target: 'sim/fast-v1' },
      stored: { target: 'objects/m', ...UNKEPT },
    },
    cache: {},
    attack: { detect: true },
    prompts: { support: { v6: { system: 'Answer briefly.' }, v7: { system: 'Answer kindly.' } } },
    rollouts: [
      {
        name: 'bad',
        match: { model: 'chat' },
        canary: { target: 'sim/bad' },
        sticky: ['user'],
        steps: ['50%', '100%'],
        step: { min: '60s' },
        guard: GUARD,
        segments: ['metadata.language'],
      },
      {
        name: 'tone',
        match: { model: 'tone' },
        arms: { brief: { weight: 50, prompt: 'support@v6' }, kind: { weight: 50, prompt: 'support@v7' } },
        sticky: ['user'],
        goal: { feedback: 'up' },
        guard: GUARD,
      },
      { name: 'waiting', match: { model: 'slow' }, canary: { target: 'sim/slow' }, steps: ['50%', '100%'] },
      {
        name: 'copy',
        match: { model: 'echo' },
        shadow: { target: 'sim/candidate', sample: '50%', budget: '20 USD/day', timeout: '10s' },
      },
    ],
    regression: { minimum: { requests: 50, time: '5s' }, falseAlarmEvery: '10m' },
    webhooks: [
      { name: 'told', url: `${servers}/hook` },
      { name: 'deaf', url: 'http://127.0.0.1:1/hook' },
    ],
    prices: { 'sim/*': PRICES, 'changing/*': PRICES },
    teams: [{ name: 'search', budget: '0.01 USD/day' }],
    keys: [
      { name: 'app', secret: 'sk-app-0123456789', limits: { requests: '100000/m' }, budget: '1000 USD/month' },
      { name: 'spent', secret: 'sk-spent-0123456789', team: 'search', budget: '0.01 USD/day' },
    ],
    unknownPrice: 'allow',
    policies: [
      { name: 'no-secrets', when: 'metadata.topic == "secret"', deny: 'Not here' },
      { name: 'trial', enforce: false, when: 'metadata.topic == "tried"', deny: 'Not here' },
    ],
    redaction: {
      emails: { request: 'placeholder', response: 'allow' },
      detectors: [
        { name: 'names', type: 'presidio', url: `${servers}/analyze`, entities: { PERSON: { rule: 'pii.person' } } },
        {
          name: 'away',
          type: 'presidio',
          url: 'http://127.0.0.1:1/analyze',
          failure: 'open',
          entities: { LOCATION: { rule: 'pii.address' } },
        },
      ],
    },
  };
}

/** Its store, spool and configuration are taken from it while it serves. */
export function storeless(folder: string): object {
  return {
    store: `sqlite:${folder}/storeless.db`,
    audit: { spool: `${folder}/storeless-spool`, queue: 100 },
    auth: { required: false, staleKeys: '5m' },
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1' } },
    prices: { 'sim/*': PRICES },
    keys: [{ name: 'app', secret: 'sk-app-0123456789', budget: '10 USD/day' }],
    policies: [{ name: 'never', when: 'metadata.topic == "secret"', deny: 'Not here' }],
  };
}

/** Little room, no Redis, an audit trail that cannot reach its store. */
export function crowded(folder: string, servers: string): object {
  return {
    gateway: { maxInflight: 5 },
    store: `sqlite:${folder}/crowded.db`,
    counters: CLOSED,
    cache: { url: CLOSED },
    providers: {
      sim: { type: 'simulator', profiles: { hangs: { latency: { distribution: 'constant', medianMs: 120_000 } } } },
      objects: { type: 'openai', baseUrl: `${servers}/objects/v1` },
    },
    passthrough: { provider: 'objects' },
    models: { chat: { target: 'sim/fast-v1' }, hangs: { target: 'sim/hangs' } },
    keys: [
      { name: 'closed', secret: 'sk-app-0123456789', limits: { requests: '100/m' } },
      { name: 'local', secret: 'sk-spent-0123456789', limits: { requests: '100/m' }, onCounterFailure: '50%' },
    ],
    policies: [{ name: 'never', when: 'metadata.topic == "secret"', deny: 'Not here' }],
  };
}

/** Two processes that serve, one of which is killed. */
export function several(folder: string): object {
  return {
    gateway: { workers: 2 },
    store: `sqlite:${folder}/several.db`,
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1' } },
    keys: [{ name: 'app', secret: 'sk-app-0123456789', limits: { requests: '100000/m' } }],
  };
}

/** Nothing is wrong with it: no alert may so much as begin. Its requests are traced, so that it names them as examples. */
export function healthy(folder: string, servers: string): object {
  return {
    telemetry: { endpoint: servers, traces: { sample: '100%' } },
    store: `sqlite:${folder}/healthy.db`,
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1', fallbacks: ['sim/fast-v0'] } },
    rollouts: [
      {
        name: 'fine',
        match: { model: 'chat' },
        canary: { target: 'sim/fast-v2' },
        sticky: ['user'],
        steps: ['50%', '100%'],
        step: { min: '10m' },
        guard: GUARD,
      },
    ],
    prices: { 'sim/*': PRICES },
    teams: [{ name: 'search', budget: '100 USD/day' }],
    keys: [{ name: 'app', secret: 'sk-app-0123456789', team: 'search', budget: '10 USD/day' }],
  };
}
