import { ask, chat, conclude, sendUntil, type Metric } from './traffic.ts';

let failed = 0;
let slowest = 0;
const analysis = () => ask<{ metrics: readonly Metric[]; summary: string }>('/rollouts/try-candidate/analysis');
const crossed = async () => (await analysis()).metrics.filter(({ state }) => state === 'crossed');

const isFound = await sendUntil(
  40,
  async () => {
    const began = performance.now();
    const { status } = await chat({});
    slowest = Math.max(slowest, performance.now() - began);
    if (status !== 200) failed++;
  },
  async () => (await crossed()).some(({ metric }) => metric === 'error_rate'),
);
const pairs = await ask<readonly unknown[]>('/rollouts/try-candidate/pairs?limit=200');
console.log(`${pairs.length} pairs kept; worse: ${(await crossed()).map(({ metric }) => metric).join(', ')}`);
console.log(`the app saw ${failed} failures`);
conclude(isFound && failed === 0, (await analysis()).summary);
