import { CANARY_MODEL, STABLE_MODEL } from './payload.ts';

export const CLIENT_KEY = 'sk-sluice-bench-client';

interface Ports {
  readonly data: number;
  readonly admin: number;
  readonly upstream: number;
}

/** Nothing asked of the gateway but to be one: no keys, no rollouts, every kind of finding allowed. */
export function bareConfig(ports: Ports, folder: string): object {
  return {
    ...commonConfig(ports, folder),
    auth: { required: false },
    models: { 'gpt-*': { provider: 'upstream' } },
    redaction: {
      secrets: 'allow',
      cards: 'allow',
      ibans: 'allow',
      national_ids: 'allow',
      emails: 'allow',
      phones: 'allow',
      ips: 'allow',
      generic_secrets: 'allow',
    },
  };
}

/**
 * A key with limits and a budget on every call, ten policies, the default redaction plus e-mails in requests, a 5 % canary,
 * a fallback, the request log.
 */
export function fullConfig(ports: Ports, folder: string): object {
  return withEverything(ports, folder, { request: 'placeholder' });
}

/** The same with e-mails judged in replies too: every word may begin an address and waits for its end. */
export function mailRepliesConfig(ports: Ports, folder: string): object {
  return withEverything(ports, folder, { request: 'placeholder', response: 'placeholder' });
}

function withEverything(ports: Ports, folder: string, emails: object): object {
  return {
    ...commonConfig(ports, folder),
    auth: { required: true },
    keys: [
      {
        name: 'bench',
        secret: CLIENT_KEY,
        models: ['*'],
        metadata: { team: 'bench' },
        // Never reached: what they cost is measured, not what they refuse.
        limits: { requests: '10M/s', tokens: '1000M/s', concurrent: 100_000 },
        budget: '1000000 USD/month',
      },
    ],
    prices: { 'upstream/*': { input: 2.5, output: 10 } },
    models: { [STABLE_MODEL]: { target: `upstream/${STABLE_MODEL}`, fallbacks: [`upstream/${CANARY_MODEL}`] } },
    rollouts: [
      {
        name: 'bench-canary',
        match: { model: STABLE_MODEL },
        stable: { target: `upstream/${STABLE_MODEL}` },
        canary: { target: `upstream/${CANARY_MODEL}` },
        // Weights stay where they are for as long as any run lasts.
        steps: ['5%', '100%'],
        step: { min: '24h', max: '48h', inconclusive: 'pause' },
      },
    ],
    policies: POLICIES,
    redaction: { emails },
    log: { level: 'info' },
  };
}

/** One of each kind that people write, at each moment; none applies, as for most calls. */
const POLICIES = [
  { name: 'eu-stays', when: 'metadata.region == "eu" && request.model.startsWith("gpt-")', deny: 'EU data stays' },
  { name: 'retired', when: 'request.model in ["gpt-3.5-turbo", "gpt-4-32k"]', deny: 'Use gpt-4o-mini' },
  { name: 'long-output', when: 'request.max_tokens > 16000 && !request.stream', deny: 'Ask for a stream' },
  { name: 'interns', when: 'key.team == "interns"', cap: { max_tokens: 512 } },
  { name: 'no-shell', when: 'request.tools.exists(t, t == "shell")', deny: 'No shell' },
  { name: 'test-users', when: 'request.user.matches("^test-[0-9]+$")', tag: { traffic: 'test' } },
  { name: 'large', when: 'request.input_tokens > 50000', approve: true },
  { name: 'leaks', when: 'redaction.findings > 20', deny: 'Too many secrets' },
  { name: 'not-there', when: 'target.provider == "elsewhere" && metadata.region == "eu"', deny: 'EU data stays' },
  { name: 'cut-off', when: 'response.finish_reason == "length"', tag: { cut: 'yes' } },
];

function commonConfig(ports: Ports, folder: string): object {
  return {
    gateway: { host: '127.0.0.1', port: ports.data },
    admin: { host: '127.0.0.1', port: ports.admin },
    store: `sqlite:${folder}/sluice.db`,
    providers: {
      upstream: { type: 'openai', baseUrl: `http://127.0.0.1:${ports.upstream}/v1`, apiKey: 'x' },
    },
  };
}
