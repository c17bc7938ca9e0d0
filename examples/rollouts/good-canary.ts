import { ask, chat, conclude, rollout, sendUntil } from './traffic.ts';

/** Who was on the canary once must stay there while the weight rises. */
const onCanary = new Set<string>();
let left = 0;
const isDone = await sendUntil(
  60,
  async (index) => {
    const user = `user-${index % 200}`;
    const { arm } = await chat({ user });
    if (arm === 'canary') onCanary.add(user);
    else if (arm === 'stable' && onCanary.has(user)) left++;
  },
  async () => (await rollout('v2')).phase === 'healthy',
);
const events = await ask<readonly { action: string; weight: number }[]>('/rollouts/v2/history');
const weights = events.filter(({ action }) => action === 'promote').map(({ weight }) => weight);
const climbed = [...new Set(weights.toReversed())].join(' -> ');
conclude(isDone && left === 0 && climbed === '25 -> 50 -> 100', `5 -> ${climbed} %; ${left} users left the canary`);
