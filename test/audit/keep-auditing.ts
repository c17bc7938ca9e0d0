import { pino } from 'pino';
import { AUDIT_KEY_SECRET } from '../../src/core/audit.ts';
import { systemClock as clock } from '../../src/core/clock.ts';
import { openAudit } from '../../src/open-audit.ts';
import { openStores } from '../../src/store/open-stores.ts';

/** A process that records actions as fast as it can and says each one that is durable, until it has done so many or is killed. */
const [, , path, name, most] = process.argv as [string, string, string, string, string];
const url = `sqlite:${path}`;
const stores = await openStores(url, clock);
const seed = await stores.secrets.secret(AUDIT_KEY_SECRET);
await stores.close();
const config = {
  required: ['*'],
  queue: 10_000,
  spool: `${path}.audit-spool`,
  checkpoints: null,
  checkpointEvery: { entries: 50, time: 60_000 },
};
await using opened = new AsyncDisposableStack();
const { trail } = openAudit({ url, seed, config: () => config, clock, log: pino({ level: 'silent' }) }, opened);
process.stdout.write('ready\n');
if (name === 'locked') await new Promise((resolve) => process.stdin.once('data', resolve));
for (let count = 0; count < Number(most); count += 10) {
  const actions = Array.from({ length: 10 }, (_, index) => {
    const subject = `${name}:${count + index}`;
    const action = { kind: 'test.action', actor: 'child', subject, detail: { text: 'x'.repeat(300) } };
    return trail.action(action, async () => void process.stdout.write(`${subject}\n`));
  });
  await Promise.all(actions);
}
process.stdin.destroy();
