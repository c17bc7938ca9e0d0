import { chat, conclude, lastReason, rollout, sendFeedback, sendUntil } from './traffic.ts';

/** Of the users who say something, so many like the replies of each arm. */
const LIKED: Readonly<Record<string, number>> = { brief: 0.5, kind: 0.8 };
const seen: Record<string, number> = {};

const send = async (): Promise<void> => {
  const { arm, requestId } = await chat({});
  seen[arm ?? 'none'] = (seen[arm ?? 'none'] ?? 0) + 1;
  if (Math.random() < 0.5) await sendFeedback(requestId, 'up', Math.random() < (LIKED[arm ?? ''] ?? 0));
};
const isDecided = await sendUntil(60, send, async () => (await rollout('tone')).winner !== null);
console.log(`requests by arm: ${JSON.stringify(seen)}`);
const { winner } = await rollout('tone');
conclude(isDecided && winner === 'kind', await lastReason('tone'));
