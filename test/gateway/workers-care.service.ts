import { describe, expect, it, vi } from 'vitest';
import { exchange } from '../support/http-client.ts';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const WAIT = { timeout: 60_000, interval: 20 };

async function setup(): Promise<TestGateway> {
  const upstream = await startFakeUpstream((call) => answerChat(call, 'fine'));
  return startTestGateway({
    gateway: { workers: 2, workerTimeout: '5s' },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
}

const ask = async ({ url }: TestGateway): Promise<number> =>
  (await exchange(`${url}/v1/chat/completions`, { body: JSON.stringify({ model: 'm', messages: [] }) })).status;

/** By worker, newest process first. */
function pids({ log }: TestGateway): Map<number, number> {
  const told = log.entries.flatMap(({ msg, worker, pid }) => {
    return msg === 'a worker serves' ? [[worker as number, pid as number] as const] : [];
  });
  return new Map(told);
}

const restarts = async (gateway: TestGateway): Promise<readonly number[]> => {
  const told = await gateway.metrics();
  return ['died', 'hung', 'left'].map((reason) => told.sum('sluice_worker_restarts_total', { reason }));
};

const entries = ({ log }: TestGateway, message: string): readonly Record<string, unknown>[] =>
  log.entries.filter(({ msg }) => msg === message);

describe('a worker', () => {
  it('is killed and replaced where it hangs, with a line that says why', async () => {
    const gateway = await setup();
    const hung = pids(gateway).get(1)!;
    process.kill(hung, 'SIGSTOP');
    await vi.waitFor(() => expect(pids(gateway).get(1)).not.toBe(hung), WAIT);
    expect(entries(gateway, 'a worker does not answer')).toMatchObject([{ worker: 1, pid: hung }]);
    const [line] = entries(gateway, 'a worker hangs; it is killed');
    expect(line).toMatchObject({ worker: 1, pid: hung });
    expect(line!['silentMs']).toBeGreaterThanOrEqual(5_000);
    expect(entries(gateway, 'a worker has ended; another one begins')).toMatchObject([
      { worker: 1, how: 'signal SIGKILL', hung: true },
    ]);
    expect(await restarts(gateway)).toEqual([0, 1, 0]);
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(gateway)))).toEqual(Array(20).fill(200));
  });

  it('is left alone where it answers in time', async () => {
    const gateway = await setup();
    const before = pids(gateway);
    process.kill(before.get(1)!, 'SIGSTOP');
    await vi.waitFor(() => expect(entries(gateway, 'a worker does not answer')).toHaveLength(1), WAIT);
    process.kill(before.get(1)!, 'SIGCONT');
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(gateway)))).toEqual(Array(20).fill(200));
    expect(pids(gateway)).toEqual(before);
    expect(await restarts(gateway)).toEqual([0, 0, 0]);
  });

  it('is counted by what became of it', async () => {
    const gateway = await setup();
    const before = pids(gateway);
    process.kill(before.get(1)!, 'SIGKILL');
    process.kill(before.get(2)!, 'SIGTERM');
    const isReplaced = (slot: number): boolean => pids(gateway).get(slot) !== before.get(slot);
    await vi.waitFor(() => expect([isReplaced(1), isReplaced(2)]).toEqual([true, true]), WAIT);
    expect(await restarts(gateway)).toEqual([1, 0, 1]);
    expect(entries(gateway, 'a worker has ended; another one begins')).toMatchObject([{ worker: 1, hung: false }]);
  });
});
