import { chat, conclude, lastReason, rollout, sendUntil } from './traffic.ts';

let canary = 0;
const isRolledBack = await sendUntil(
  80,
  async () => {
    if ((await chat({})).arm === 'canary') canary++;
  },
  async () => (await rollout('v2')).phase === 'degraded',
);
console.log(`${canary} requests were on the canary until it was rolled back`);
conclude(isRolledBack, await lastReason('v2'));
