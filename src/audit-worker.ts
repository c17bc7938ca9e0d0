import { parentPort, workerData } from 'node:worker_threads';
import type { AuditCall, AuditCalls, AuditMessage, AuditThreadSettings } from './audit/audit-calls.ts';
import { readEntries, verifyStore } from './audit/audit-reader.ts';
import { AuditWriter } from './audit/audit-writer.ts';
import { ChainWriter } from './audit/chain-writer.ts';
import { CheckpointFile } from './audit/checkpoint-file.ts';
import { ORIGIN } from './audit/checkpoint.ts';
import { NoteSigner } from './audit/signed-note.ts';
import { Spool } from './audit/spool.ts';
import { systemClock as clock } from './core/clock.ts';
import type { Milliseconds } from './core/units.ts';
import { openAuditStore } from './store/open-audit-store.ts';

/** Here nobody is served: a lock may be waited for. */
const BUSY_TIMEOUT: Milliseconds = 1_000;
const TICK: Milliseconds = 1_000;

/** The thread of the audit trail: the only one of the process that writes the chain, on a connection of its own. */
const settings = workerData as AuditThreadSettings;
const post = (message: AuditMessage): void => parentPort!.postMessage(message, []);
const store = await openAuditStore(settings.url, clock, BUSY_TIMEOUT);
const signer = new NoteSigner(settings.seed, ORIGIN);
const checkpointFile = new CheckpointFile(settings.checkpointFile);
const writer = new AuditWriter({
  chain: new ChainWriter(store, signer, settings.every, clock),
  spool: settings.spool === null ? null : new Spool(settings.spool, settings.owner),
  checkpointFile,
  clock,
  host: settings.owner.host,
  tell: (level, message, detail) => post({ type: 'log', level, message, detail }),
  drained: (count) => post({ type: 'drained', count }),
  checkpointTrouble: (reason) => post({ type: 'checkpoint-file', reason }),
});
await writer.checkKept(store, signer.verifier);
await writer.tick();
const ticking = setInterval(() => void writer.tick(), TICK);

/** With those that the gateway itself has kept. */
const verify = (kept: string) => verifyStore(store, signer.verifier, kept, checkpointFile.newest(signer.verifier.name));

const calls: AuditCalls = {
  write: (records, mayBeKnown) => writer.write(records, mayBeKnown),
  entries: (query) => readEntries(store, query),
  checkpoints: (afterSize, limit) => store.checkpoints(afterSize, limit),
  verify,
  close: async () => {
    clearInterval(ticking);
    await writer.close();
    await store.close();
  },
};

parentPort!.on('message', ({ id, method, args }: AuditCall) => {
  const call = calls[method] as (...given: readonly unknown[]) => Promise<unknown>;
  call(...args).then(
    (value) => post({ type: 'answer', id, value }),
    (error: unknown) => post({ type: 'error', id, message: error instanceof Error ? error.message : String(error) }),
  );
});
