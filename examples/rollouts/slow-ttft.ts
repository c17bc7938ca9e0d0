import { chat, conclude, lastReason, rollout, sendUntil } from './traffic.ts';

const isRolledBack = await sendUntil(
  60,
  () => chat({ stream: true }),
  async () => (await rollout('v2')).phase === 'degraded',
);
const reason = await lastReason('v2');
conclude(isRolledBack && reason.includes('ttft_p95'), reason);
