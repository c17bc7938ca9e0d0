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
    const ask = async (which: number, input: string): Promise<unknown> => {
      const body = JSON.stringify({ model: 'm', input });
      const headers = { 'content-type': 'application/json' };
      const reply = await exchange(`${gateways[which]!.url}/v1/embeddings`, { body, headers });
      expect([reply.status, reply.text]).toEqual([200, '{"object":"list","data":[],"usage":{}}']);
      return reply.headers['x-sluice-cache'];
    };
    // A write is not waited for, and neither is the first connection.
    const untilHit = async (which: number, input: string): Promise<void> => {
      for (let asked = 0; asked < 500; asked++) if ((await ask(which, input)) === 'hit') return;
    };
    await untilHit(0, 'ä');
    await untilHit(1, 'to connect');
    const { length } = upstream.calls;
    expect(await ask(1, 'ä')).toBe('hit');
    expect(upstream.calls).toHaveLength(length);
    await redis.stop();
    expect(await ask(1, 'ä')).toBe('miss');
    expect((await gateways[1]!.metrics()).sum('sluice_cache_errors_total')).toBeGreaterThan(0);
  });
});
