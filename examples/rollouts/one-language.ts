import { ask, chat, conclude, lastReason, rollout, sendUntil, type Metric } from './traffic.ts';

const LANGUAGES = ['en', 'de', 'fr', 'en', 'es', 'en'];

/** The simulator breaks v2 for French prompts; v1 is well in all languages. */
const send = (index: number) => {
  const language = LANGUAGES[index % LANGUAGES.length]!;
  const headers = language === 'fr' ? { 'x-sim-fault': 'http-500:0.4@v2' } : {};
  return chat({ metadata: { language }, headers });
};
const isRolledBack = await sendUntil(80, send, async () => (await rollout('v2')).phase === 'degraded');
const { metrics } = await ask<{ metrics: readonly Metric[] }>('/rollouts/v2/analysis');
const found = metrics.find(({ state }) => state === 'crossed');
console.log(`crossed: ${found?.metric} where ${found?.segment}`);
const reason = await lastReason('v2');
conclude(isRolledBack && reason.includes('metadata.language=fr'), reason);
