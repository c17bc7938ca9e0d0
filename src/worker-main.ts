import process from 'node:process';
import { startWorker } from './start-worker.ts';
import type { Port } from './workers/channel.ts';

/** What a worker's process runs; the control process starts it and talks to it. */
const port: Port = {
  send: (message) => void (process.connected && process.send!(message, undefined, {}, () => {})),
  onMessage: (listener) => process.on('message', listener),
  onClose: (listener) => process.on('disconnect', listener),
};

// Alone it has no limits, no store and no rollouts: whoever looks after the control process starts both again.
process.on('disconnect', () => process.exit(1));
// Sent to all processes of a terminal: the control process says what is to be done.
process.on('SIGINT', () => {}).on('SIGHUP', () => {});

const worker = await startWorker(port).catch(() => process.exit(1));
process.on('SIGTERM', () => worker.leave());
