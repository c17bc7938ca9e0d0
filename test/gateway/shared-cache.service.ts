import { describe, expect, it } from 'vitest';
import { startRedis } from '../../scripts/redis-server.ts';
import { answerJson, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange } from '../support/http-client.ts';
import { redisForTests } from '../support/redis.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const installed = redisForTests('gateways that share their cache');

describe.skipIf(installed === null)('two gateways with one cache', () => {
  it('give what the other has kept, and go on without it while it is away', async () => {
    const redis = await startRedis(installed!);
    const upstream = await startFakeUpstream((call) => answerJson(call, { object: 'list', data: [], usage: {} }));
    const config = {
      providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
      models: { m: { target: 'up/m' } },
      counters: redis.url,
      cache: {},
    };
    const gateways = [await startTestGateway(config), await startTestGateway(config)];
    const ask = async (which: number): Promise<unknown> => {
      const body = '{"model":"m","input":"ä"}';
      const headers = { 'content-type': 'application/json' };
      const reply = await exchange(`${gateways[which]!.url}/v1/embeddings`, { body, headers });
      return [reply.status, reply.headers['x-sluice-cache'], reply.text];
    };
    const text = '{"object":"list","data":[],"usage":{}}';
    const results: unknown[] = [];
    // A write is not waited for, and neither is the first connection.
    do results.push(await ask(0));
    while (JSON.stringify(results.at(-1)) !== JSON.stringify([200, 'hit', text]) && results.length < 500);
    expect(await ask(1)).toEqual([200, 'hit', text]);
    await redis.stop();
    expect(await ask(1)).toEqual([200, 'miss', text]);
    expect((await gateways[1]!.metrics()).sum('sluice_cache_errors_total')).toBeGreaterThan(0);
  });
});
