import { z } from 'zod';
import { REDACTION_ACTIONS } from '../core/redaction.ts';
import { audit } from './audit-schema.ts';
import { cache } from './cache-schema.ts';
import { key, team } from './key-schema.ts';
import { limitRule } from './limits-schema.ts';
import { headerSecret, name, target } from './names.ts';
import { policy } from './policy-schema.ts';
import { providers } from './provider-schema.ts';
import { record } from './record-schema.ts';
import { redaction, redactionChange } from './redaction-schema.ts';
import { regression } from './regression-schema.ts';
import { rollout } from './rollout-schema.ts';
import { telemetry } from './telemetry-schema.ts';
import { webhook } from './webhook-schema.ts';
import { byteSize, duration, percent, price, timeLimit, weight, wholeNumber, yesOrNo } from './units.ts';
import { spool, store } from './store-schema.ts';
import { upstream } from './upstream-schema.ts';
import { strict, told } from './zod-kit.ts';

const port = () => wholeNumber(0, 65_535);
const host = () =>
  z.string().regex(/^[a-zA-Z0-9.:_-]+$/, told('must be a host', 'write an address or host name without a port'));

/** Stands in the meaning of each setting that `restartNeeded` in `watch.ts` names; all others are in force at once. */
const RESTART = 'A change needs a restart.';

/** Anything shorter would end workers that are only busy. */
const SHORTEST_WORKER_TIMEOUT = 5_000;
const WORKER_TIMEOUT = told('must be a duration of 5s or more, or never', 'write e.g. 30s, or never');

const gateway = strict({
  host: host()
    .prefault('127.0.0.1')
    .describe(`Address of the data plane; \`0.0.0.0\` listens on every interface. ${RESTART}`),
  port: port().prefault(8080).describe(`Port of the data plane; 0 takes a free one. ${RESTART}`),
  publicUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/?#]+$/, told('must be an origin', 'write e.g. https://llm.example.com, without a path'))
    .nullable()
    .optional()
    .describe(
      'How clients reach the data plane, for addresses in replies (`results_url` of batches); left out: by the `Host` and `X-Forwarded-Proto` of each request.',
    ),
  workers: z
    .union(
      [z.literal('auto'), wholeNumber(1, 256)],
      told('must be 1 to 256, or auto', 'write a number, or auto for one per core'),
    )
    .prefault(1)
    .describe(
      `Processes that serve the data plane; \`auto\`: one per core. From 2 on one more process keeps the store, the limits and the control plane for them: see docs/workers.md. ${RESTART}`,
    ),
  workerTimeout: z
    .union([z.literal('never'), duration().refine((time) => time >= SHORTEST_WORKER_TIMEOUT, WORKER_TIMEOUT)], {
      error: WORKER_TIMEOUT,
    })
    .prefault('30s')
    .describe(
      'A worker whose event loop has not turned for so long is killed and replaced; `never`: it is left alone, e.g. for a debugger. See docs/workers.md.',
    ),
  maxBodyBytes: byteSize().prefault('20MiB').describe('Largest request body, also when inflated.'),
  maxEventBytes: byteSize()
    .prefault('16MiB')
    .describe('Largest single event of a streamed reply; a stream with a larger one is ended with an error.'),
  maxInflight: wholeNumber(1, 1_000_000)
    .prefault(10_000)
    .describe('Requests in flight, of all workers together, above which new ones are answered 503.'),
  timeouts: strict({
    headers: timeLimit().prefault('15s').describe('All request headers must have arrived.'),
    request: timeLimit()
      .prefault('60s')
      .describe('The whole request must have arrived; an upload that is passed through may take longer.'),
    keepAlive: timeLimit()
      .prefault('75s')
      .describe("An idle client connection is kept; longer than a load balancer's own idle time."),
    writeStall: timeLimit().prefault('60s').describe('A client that reads nothing for so long is cut off.'),
    drainDelay: duration()
      .prefault('0s')
      .describe(
        'After SIGTERM new requests are still taken for so long while readiness says no and each reply closes its connection; for Kubernetes without a preStop hook.',
      ),
    drain: timeLimit().prefault('600s').describe('After that, open requests may finish for so long.'),
  })
    .prefault({})
    .describe('How long to wait for clients.'),
});

const admin = strict({
  host: host().prefault('127.0.0.1').describe(`Address of the control plane. ${RESTART}`),
  port: port().prefault(8081).describe(`Port of the control plane; 0 takes a free one. ${RESTART}`),
  token: headerSecret()
    .nullable()
    .optional()
    .describe('Bearer token of the admin API; left out or empty: loopback callers only, without a token.'),
});

const counters = z
  .string()
  .regex(
    /^(?:memory:|rediss?:\/\/.+)$/,
    told('must be a counter store', 'write memory:, redis://HOST:PORT or rediss://HOST:PORT'),
  );

const model = strict({
  target: target().optional().describe('`provider/model` that serves this name.'),
  provider: z.string().optional().describe('Instead of `target`: the provider; the name is sent as the app wrote it.'),
  targets: z
    .array(
      strict({
        provider: z.string().describe('The provider.'),
        model: z.string().min(1).optional().describe('Its name of the model; left out: as the app wrote it.'),
        weight: weight().prefault(1).describe('Its share among those that are alike.'),
        priority: wholeNumber(0, 100)
          .prefault(0)
          .describe('Those of the lowest number take all requests as long as one of them can.'),
      }),
    )
    .min(1, told('is empty', 'name at least one target, or write target: provider/model'))
    .optional()
    .describe('Instead of `target`: several that serve the name equally well.'),
  hedge: strict({
    after: z
      .union([z.literal('p95'), timeLimit()], { error: told('must be p95 or a duration', 'write p95, or e.g. 2s') })
      .prefault('p95')
      .describe(
        'How long the first target may take to its first byte; `p95`: as 95 of 100 requests lately took at most.',
      ),
    budget: percent().prefault('5%').describe('Second requests, of all requests of the name.'),
  })
    .optional()
    .describe(
      'A second request to the next target where the first one keeps a request waiting; the first answer is taken.',
    ),
  fallbacks: z.array(target()).prefault([]).describe('Tried in order when the target fails: `provider/model`.'),
  redaction: redactionChange.optional().describe('What is different for requests of this name.'),
  audit: yesOrNo()
    .prefault(false)
    .describe('Each request is an entry of the audit trail: who, what, how it ended; never its content.'),
  cache: strict({ ttl: duration().describe('How long replies to requests of this name are kept; `0s`: not at all.') })
    .optional()
    .describe('Instead of the common `cache.ttl`.'),
  attack: strict({ detect: yesOrNo().describe('Whether requests of this name are scored.') })
    .optional()
    .describe('Instead of the common `attack`.'),
});

/** The configuration file. Names and defaults are public; each field says its unit. */
export const configFile = strict({
  gateway: gateway.prefault({}).describe('The data plane: what apps call.'),
  admin: admin.prefault({}).describe('The control plane: admin API, metrics, health.'),
  store: store
    .prefault('sqlite:./data/sluice.db')
    .describe(
      `Where rollouts, keys, evidence and the audit trail are kept: \`sqlite:PATH\`, \`sqlite::memory:\`, or for several gateways \`postgres://USER:PASSWORD@HOST:PORT/DATABASE\` with the options \`sslmode\`, \`sslrootcert\`, \`sslcert\`, \`sslkey\`, \`schema\` and \`pool\` ([Stores](../stores.md)). ${RESTART}`,
    ),
  spool: spool.prefault({}).describe('Where what requests came to waits on disk while the store is away.'),
  counters: counters
    .prefault('memory:')
    .describe(
      `Where limits and budgets are counted: \`memory:\` (each gateway for itself), or \`redis://HOST:PORT\` (all that share it). ${RESTART}`,
    ),
  auth: strict({
    required: yesOrNo()
      .prefault(false)
      .describe('true: every call needs a key; false: an unknown or missing key is the anonymous caller.'),
    staleKeys: duration()
      .prefault('5m')
      .describe(
        'While the store cannot be read, its keys that were used lately stay good for so long; others are answered 503.',
      ),
  })
    .prefault({})
    .describe('Who may call.'),
  upstream: upstream.prefault({}).describe('How every provider is called unless it says otherwise itself.'),
  providers: providers.prefault({}).describe('The servers that requests go to, by name; at least one.'),
  passthrough: strict({
    provider: z
      .string()
      .nullable()
      .optional()
      .describe('The provider that gets them; left out: they are answered 404.'),
    anthropic: z
      .string()
      .nullable()
      .optional()
      .describe("The provider that gets those of Anthropic's clients; left out: `provider`."),
    lookAhead: byteSize()
      .prefault('4MiB')
      .describe(
        'So much of a form is kept until its field `model` has come; one that comes later is not seen, and the call goes to `provider`.',
      ),
    audit: yesOrNo()
      .prefault(false)
      .describe('Each of these calls is an entry of the audit trail, as with `audit` of a model.'),
  })
    .prefault({})
    .describe('Calls under `/v1/` that the gateway does not parse.'),
  models: z
    .record(z.string().min(1), model)
    .prefault({})
    .describe(
      'Names that apps ask for; at least one, unless `passthrough.provider` is set. `*` matches any text. Exact names come before globs, long globs before short ones.',
    ),
  prompts: z
    .record(name(), z.record(name(), strict({ system: z.string().min(1).describe('The system prompt.') })))
    .prefault({})
    .describe('System prompts by name and version, for rollouts.'),
  rollouts: z
    .array(rollout)
    .prefault([])
    .describe('Canaries and A/B tests; the first one that matches takes the request.'),
  holdout: strict({
    share: percent().describe('Of the units.'),
    sticky: z
      .array(
        z
          .string()
          .regex(
            /^(?:metadata\..+|user|key|request)$/,
            told('is not a source of units', 'use metadata.NAME, user, key or request'),
          ),
      )
      .min(1, told('is empty', 'name at least one source, e.g. [user]'))
      .prefault(['user', 'key']),
    salt: z.string().min(1).prefault('holdout'),
  })
    .optional()
    .describe('Units that take part in no rollout, so that the effect of all rollouts together can be seen.'),
  regression: regression
    .prefault({})
    .describe('Each route against its own past: finds what a provider changes silently, and other inputs.'),
  webhooks: z.array(webhook).prefault([]).describe('Told of events, or asked before a rollout goes on.'),
  prices: z
    .record(
      z
        .string()
        .regex(/^[^/]+\/.+$/, told('must be provider/model', 'write e.g. openai/gpt-4o, or openai/* for the rest')),
      strict({
        input: price(),
        cachedInput: price().optional(),
        cacheWrite: price().optional(),
        output: price().prefault(0),
        context: wholeNumber(1, 100_000_000).optional().describe('Tokens of input and output together.'),
        maxOutput: wholeNumber(0, 100_000_000).optional().describe('Tokens of one reply.'),
        tokenizer: z
          .enum(['o200k_base', 'cl100k_base'])
          .optional()
          .describe('How input is counted before it is sent; left out: by its bytes, which no tokenizer exceeds.'),
      }),
    )
    .prefault({})
    .describe(
      'US dollars per million tokens, by `provider/model`; `provider/*` for the rest. They go before the bundled catalogue ([Prices](../prices.md)). Without a price there is no cost. `cachedInput` and `cacheWrite` default to `input`.',
    ),
  unknownPrice: z
    .enum(['refuse', 'allow'])
    .prefault('refuse')
    .describe(
      'A request that a budget pays for, whose cost nobody knows: `refuse` answers 403 `price_unknown`; `allow` lets it pass and counts it as free.',
    ),
  teams: z.array(team).prefault([]).describe('What keys share: each counts for itself and for its team.'),
  keys: z
    .array(key)
    .prefault([])
    .describe('Callers; more can be made while it runs with `sluice key create` or the admin API.'),
  limits: z
    .array(limitRule)
    .prefault([])
    .describe('Limits of a model, a provider, or of each value of something; every one that matches holds.'),
  policies: z
    .array(policy)
    .prefault([])
    .describe('Rules in CEL, in order: the first one that denies answers the call. See docs/policies.md.'),
  redaction: redaction
    .prefault({})
    .describe(
      `What happens to secrets and personal data, by category and direction. Actions: ${REDACTION_ACTIONS.join(', ')}.`,
    ),
  attack: strict({
    detect: yesOrNo()
      .prefault(false)
      .describe('Score what people and tools wrote in each request, 0 to 1. Nothing is refused for its score.'),
  })
    .prefault({})
    .describe('Prompt attacks: orders to set instructions aside, and to reveal them.'),
  record: record.prefault({}).describe('What is kept of requests. See docs/records.md.'),
  audit: audit
    .prefault({})
    .describe('The audit trail: what was changed, decided and denied, in a chain that shows tampering.'),
  cache: cache.optional().describe('Replies that are kept and given again to the same request; left out: none are.'),
  telemetry: telemetry
    .optional()
    .describe(
      'Traces and metrics for an OpenTelemetry collector; left out: nothing is sent. See docs/opentelemetry.md.',
    ),
  log: strict({
    level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).prefault('info').describe('The least that is logged.'),
  })
    .prefault({})
    .describe('The log: JSON lines on stdout.'),
});

export type ConfigFile = z.output<typeof configFile>;
export type RolloutFile = z.output<typeof rollout>;
export type ProviderFile = ConfigFile['providers'][string];
