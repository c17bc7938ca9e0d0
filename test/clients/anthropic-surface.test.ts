import { expect, test } from 'vitest';
import { UNKNOWN_PATH } from './surface/answers.ts';
import { methodsOf, type SdkMethod } from './surface/methods.ts';
import { sweep, type Trial } from './surface/sweep.ts';
import { anthropicWays, KEYED, OPEN } from './surface/ways.ts';

const METHODS = methodsOf('@anthropic-ai/sdk');
/** Nothing is sent. */
const LOCAL = ['beta.webhooks.parseUnverified', 'beta.webhooks.unwrap'];
/** What these send others send, too; how they go on is tried in `helpers.test.ts`. */
const RUNNERS = [
  'messages.stream',
  'beta.messages.stream',
  'beta.messages.toolRunner',
  'beta.messages.thread',
  'beta.environments.work.poller',
  'beta.environments.work.worker',
  'beta.sessions.events.toolRunner',
];
const APART = new Set([...LOCAL, ...RUNNERS]);
const CALLED = METHODS.filter(({ name }) => !APART.has(name));
/** Their bodies are read by the gateway. */
const READ = /^(?:beta\.)?messages\.(?:create|parse|countTokens)$/;

const ODD_OPTIONS = {
  headers: { 'x-of-mine': 'ä', 'anthropic-beta': 'made-up-2024, other' },
  query: { extra: 'q&= ü/', list: ['a', 'b'] },
  timeout: 54_321,
  idempotencyKey: 'once',
};

function trialsOf({ name }: SdkMethod): readonly Trial[] {
  const variants = READ.test(name) ? 24 : 2;
  return [
    { measure: { isFull: false, variant: 0 }, options: {} },
    { measure: { isFull: false, variant: 1 }, options: { path: `/v1${UNKNOWN_PATH}` } },
    { measure: { isFull: true, variant: 0 }, options: ODD_OPTIONS },
    ...Array.from({ length: variants }, (_, variant) => ({
      measure: { isFull: true, variant: variant + 1 },
      options: {},
    })),
  ];
}

test('every method is called or said to be left out', () => {
  expect(METHODS.length).toBeGreaterThan(380);
  expect([...APART].filter((name) => !METHODS.some((method) => method.name === name))).toEqual([]);
  expect(CALLED.filter(({ answers }) => answers === 'helper').map(({ name }) => name)).toEqual([]);
});

test.each([
  ['without keys', OPEN],
  ['with a key of the gateway, beside another provider', KEYED],
])('every method of the SDK sends and gets the same through a gateway %s', async (_name, config) => {
  expect(await sweep(CALLED, trialsOf, await anthropicWays(config))).toEqual([]);
});
