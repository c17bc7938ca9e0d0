import { ask, chat, conclude, sendUntil } from './traffic.ts';

const simulator = process.env['SIM_URL'] ?? 'http://127.0.0.1:8089';
const CHANGED = { refusalRate: 0.4, outputTokens: { median: 20 } };
/** Requests until the provider changes: some 16 seconds. */
const BEFORE = 640;

interface Regression {
  readonly route: string;
  readonly metric: string;
  readonly isActive: boolean;
}

const active = async () => (await ask<readonly Regression[]>('/regressions')).filter(({ isActive }) => isActive);

const isFound = await sendUntil(
  40,
  async (index) => {
    if (index === BEFORE) {
      console.log(`after ${BEFORE} requests the provider changes its model; alarms so far: ${(await active()).length}`);
      await fetch(`${simulator}/_sim/profiles/gpt`, { method: 'PUT', body: JSON.stringify(CHANGED) });
    }
    return chat({});
  },
  async () => (await active()).some(({ metric }) => metric === 'refusal_rate'),
);
const found = (await active()).map(({ route, metric }) => `${metric} of ${route}`);
conclude(isFound, found.join(', '));
