import { UNKNOWN_PATH } from './surface/answers.ts';
import { testSurface } from './surface/surface-tests.ts';
import { openaiWays } from './surface/ways.ts';

/** Nothing is sent. */
const LOCAL = [
  'webhooks.unwrap',
  'webhooks.verifySignature',
  'beta.agents.environments.files.prepare',
  'beta.agents.sessions.artifacts.forResult',
];
/** Made of calls that others make, too; most are tried in `helpers.test.ts`. */
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

testSurface({
  packageName: 'openai',
  leastMethods: 400,
  apart: [...LOCAL, ...RUNNERS],
  read: /^(?:beta\.)?(?:completions|chat\.completions|responses|embeddings|moderations)\.(?:create|parse)$/,
  oddOptions: {
    headers: { 'x-of-mine': 'ä', 'OpenAI-Beta': 'made-up=v2', 'X-Client-Request-Id': 'mine' },
    query: { extra: 'q&= ü/', list: ['a', 'b'] },
    timeout: 54_321,
    idempotencyKey: 'once',
  },
  unknownPath: UNKNOWN_PATH,
  ways: openaiWays,
});
