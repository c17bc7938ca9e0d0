import { expect, it, onTestFinished } from 'vitest';
import { AuditThread } from '../../src/audit/audit-thread.ts';
import type { AuditThreadSettings } from '../../src/audit/audit-calls.ts';

/** Answers how often it was asked; dies at the third call. */
const MODULE = `
  import { parentPort } from 'node:worker_threads';
  let count = 0;
  parentPort.on('message', ({ id, method }) => {
    count++;
    if (count === 3) process.exit(1);
    if (method === 'verify') parentPort.postMessage({ type: 'error', id, message: 'no' });
    else parentPort.postMessage({ type: 'answer', id, value: count });
  });`;

function openThread(): AuditThread {
  const thread = new AuditThread({
    module: new URL(`data:text/javascript,${encodeURIComponent(MODULE)}`),
    settings: {} as AuditThreadSettings,
    heard() {},
  });
  onTestFinished(() => thread.close());
  return thread;
}

it('a thread that dies fails what waits for it, and the next call begins another', async () => {
  const thread = openThread();
  expect(await thread.call('checkpoints', 0, 1)).toBe(1);
  await expect(thread.call('verify', '')).rejects.toThrow('no');
  await expect(thread.call('checkpoints', 0, 1)).rejects.toThrow('the thread of the audit trail has ended');
  expect(await thread.call('checkpoints', 0, 1)).toBe(1);
});
