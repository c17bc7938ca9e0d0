import { expect, test } from 'vitest';
import { UNKNOWN_PATH } from './surface/answers.ts';
import { methodsOf, type SdkMethod } from './surface/methods.ts';
import { sweep, type Trial } from './surface/sweep.ts';
import { KEYED, OPEN, openaiWays } from './surface/ways.ts';

const METHODS = methodsOf('openai');
/** Nothing is sent. */
const LOCAL = [
  'webhooks.unwrap',
  'webhooks.verifySignature',
  'beta.agents.environments.files.prepare',
  'beta.agents.sessions.artifacts.forResult',
];
/** What these send others send, too; how they go on is tried in `helpers.test.ts`. */
const RUNNERS = [
  'chat.completions.runTools',
  'chat.completions.stream',
  'beta.agents.sessions.stream',
  'beta.threads.createAndRunStream',
  'beta.threads.runs.createAndStream',
  'beta.threads.runs.stream',
  'beta.threads.runs.submitToolOutputsStream',
  'responses.stream',
];
const APART = new Set([...LOCAL, ...RUNNERS]);
const CALLED = METHODS.filter(({ name }) => !APART.has(name));
/** Their bodies are read by the gateway. */
const READ = /^(?:beta\.)?(?:completions|chat\.completions|responses|embeddings|moderations)\.(?:create|parse)$/;

const ODD_OPTIONS = {
  headers: { 'x-of-mine': 'ä', 'OpenAI-Beta': 'made-up=v2', 'X-Client-Request-Id': 'mine' },
  query: { extra: 'q&= ü/', list: ['a', 'b'] },
  timeout: 54_321,
  idempotencyKey: 'once',
};

function trialsOf({ name }: SdkMethod): readonly Trial[] {
  const variants = READ.test(name) ? 24 : 2;
  return [
    { measure: { isFull: false, variant: 0 }, options: {} },
    { measure: { isFull: false, variant: 1 }, options: { path: UNKNOWN_PATH } },
    { measure: { isFull: true, variant: 0 }, options: ODD_OPTIONS },
    ...Array.from({ length: variants }, (_, variant) => ({
      measure: { isFull: true, variant: variant + 1 },
      options: {},
    })),
  ];
}

test('every method is called or said to be left out', () => {
  expect(METHODS.length).toBeGreaterThan(400);
  expect([...APART].filter((name) => !METHODS.some((method) => method.name === name))).toEqual([]);
  expect(CALLED.filter(({ answers }) => answers === 'helper').map(({ name }) => name)).toEqual([]);
});

test.each([
  ['without keys', OPEN],
  ['with a key of the gateway, beside another provider', KEYED],
])('every method of the SDK sends and gets the same through a gateway %s', async (_name, config) => {
  expect(await sweep(CALLED, trialsOf, await openaiWays(config))).toEqual([]);
});
