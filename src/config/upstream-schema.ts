import { z } from 'zod';
import { duration, share, timeLimit, wholeNumber } from './units.ts';
import { strict } from './zod-kit.ts';

const TIMEOUTS = {
  connect: timeLimit().describe('TCP and TLS.'),
  firstByte: timeLimit().describe("From the request sent to the reply's first byte, for streamed replies."),
  reply: timeLimit().describe('The same for buffered replies, which come when all is generated.'),
  idle: timeLimit().describe('Between two chunks of a reply.'),
  total: timeLimit().describe(
    "One request with all its attempts and its whole reply; that of the first target's provider counts.",
  ),
};

const RETRIES = {
  attempts: wholeNumber(0, 10).describe('Extra attempts at one target, before its fallbacks.'),
  statuses: z.array(wholeNumber(400, 599)).describe('Statuses of the provider that are tried again.'),
  maxWait: duration().describe('A `retry-after` up to this is waited for; a longer one moves on to the next target.'),
};

const CIRCUIT_BREAKER = {
  failures: wholeNumber(1, 1000).describe('Failures in a row that eject a target.'),
  ejection: timeLimit().describe('The first ejection; the n-th in a row lasts n times as long.'),
  maxEjection: timeLimit().describe('No ejection lasts longer.'),
};

const TIMEOUTS_TEXT = 'How long to wait for a provider.';
const RETRIES_TEXT = 'When a call is tried again; never after the first byte of a reply was passed on.';
const BREAKER_TEXT = 'When a target that fails is left alone for a while.';

/** `upstream`: how every provider is called unless it says otherwise itself. */
export const upstream = strict({
  timeouts: strict({
    connect: TIMEOUTS.connect.prefault('5s'),
    firstByte: TIMEOUTS.firstByte.prefault('120s'),
    reply: TIMEOUTS.reply.prefault('600s'),
    idle: TIMEOUTS.idle.prefault('120s'),
    total: TIMEOUTS.total.prefault('3600s'),
  })
    .prefault({})
    .describe(TIMEOUTS_TEXT),
  retries: strict({
    attempts: RETRIES.attempts.prefault(1),
    statuses: RETRIES.statuses.prefault([429, 500, 502, 503, 504, 529]),
    maxWait: RETRIES.maxWait.prefault('2s'),
  })
    .prefault({})
    .describe(RETRIES_TEXT),
  circuitBreaker: strict({
    failures: CIRCUIT_BREAKER.failures.prefault(5),
    ejection: CIRCUIT_BREAKER.ejection.prefault('30s'),
    maxEjection: CIRCUIT_BREAKER.maxEjection.prefault('300s'),
  })
    .prefault({})
    .describe(BREAKER_TEXT),
  retryBudget: strict({
    fraction: share()
      .prefault(0.2)
      .describe('Share of the requests in flight that may be retries at one time, from 0 to 1.'),
    minimum: wholeNumber(0, 10_000).prefault(3).describe('So many retries are allowed whatever the share.'),
  })
    .prefault({})
    .describe('Keeps retries from multiplying the load on a provider that is failing.'),
});

/** The same settings in a provider: only what differs from `upstream`. */
export const upstreamOverrides = {
  timeouts: strict(TIMEOUTS).partial().optional().describe(`${TIMEOUTS_TEXT} What is left out is as in \`upstream\`.`),
  retries: strict(RETRIES).partial().optional().describe(`${RETRIES_TEXT} What is left out is as in \`upstream\`.`),
  circuitBreaker: strict(CIRCUIT_BREAKER)
    .partial()
    .optional()
    .describe(`${BREAKER_TEXT} What is left out is as in \`upstream\`.`),
};
