import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';
import { difference, listening, type Way, type WireReply } from './surface/both-ways.ts';
import { methodsOf } from './surface/methods.ts';
import { startRecordingUpstream, UNKNOWN_PATH } from './surface/recording-upstream.ts';

const METHODS = methodsOf('@anthropic-ai/sdk');
const CALLED = METHODS.filter(({ answers }) => answers !== 'helper');

function wayTo(baseURL: string, apiKey: string, upstream: Way['upstream']): Way {
  const replies: WireReply[] = [];
  const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, fetch: listening(replies) });
  return { client, upstream, replies };
}

async function ways(config: TestConfig, apiKey: string): Promise<readonly [Way, Way]> {
  const [plain, behind] = [await startRecordingUpstream(), await startRecordingUpstream()];
  const gateway = await startTestGateway({
    providers: { claude: { type: 'anthropic', baseUrl: behind.url, apiKey: 'sk-of-the-provider' } },
    passthrough: { provider: 'claude' },
    models: { '*': { provider: 'claude' } },
    ...config,
  });
  return [wayTo(plain.url, apiKey, plain), wayTo(gateway.url, apiKey, behind)];
}

const ODD = { headers: { 'x-of-mine': 'ä', 'anthropic-beta': 'a-2024' }, query: { extra: 'q&= ü/' }, timeout: 4321, idempotencyKey: 'once' };

test('every call', async () => {
  const [direct, through] = await ways({}, 'sk-mine');
  const different: (string | null)[] = [];
  const t = performance.now();
  for (const method of CALLED) {
    different.push(await difference({ method, measure: { isFull: false, variant: 0 }, options: {} }, direct, through));
    different.push(await difference({ method, measure: { isFull: true, variant: 0 }, options: {} }, direct, through));
    different.push(await difference({ method, measure: { isFull: true, variant: 1 }, options: ODD }, direct, through));
    different.push(await difference({ method, measure: { isFull: false, variant: 1 }, options: { path: `/v1${UNKNOWN_PATH}` } }, direct, through));
  }
  console.log(performance.now() - t);
  expect(different.filter((each) => each !== null)).toEqual([]);
});
