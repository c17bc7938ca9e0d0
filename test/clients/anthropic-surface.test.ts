import { UNKNOWN_PATH } from './surface/answers.ts';
import { testSurface } from './surface/surface-tests.ts';
import { anthropicWays } from './surface/ways.ts';

/** Nothing is sent. */
const LOCAL = ['beta.webhooks.parseUnverified', 'beta.webhooks.unwrap'];
/** Made of calls that others make, too; most are tried in `helpers.test.ts`. */
const RUNNERS = [
  'messages.stream',
  'beta.messages.stream',
  'beta.messages.toolRunner',
  'beta.messages.thread',
  'beta.environments.work.poller',
  'beta.environments.work.worker',
  'beta.sessions.events.toolRunner',
];

testSurface({
  packageName: '@anthropic-ai/sdk',
  leastMethods: 380,
  apart: [...LOCAL, ...RUNNERS],
  read: /^(?:beta\.)?messages\.(?:create|parse|countTokens)$/,
  oddOptions: {
    headers: { 'x-of-mine': 'ä', 'anthropic-beta': 'made-up-2024, other' },
    query: { extra: 'q&= ü/', list: ['a', 'b'] },
    timeout: 54_321,
    idempotencyKey: 'once',
  },
  unknownPath: `/v1${UNKNOWN_PATH}`,
  ways: anthropicWays,
});
