import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts';

/** A thread that holds a lock on a store, once somebody waits for it as long as it takes two that serve to give up. */
const { path, isWaiting } = workerData as { readonly path: string; readonly isWaiting: SharedArrayBuffer };
const holder = new Database(path);
holder.exec('begin exclusive');
parentPort!.postMessage('locked', []);
Atomics.wait(new Int32Array(isWaiting), 0, 0);
for (let given = 0; given < 2;) {
  try {
    openSqlite(path);
  } catch {
    given++;
  }
}
holder.exec('commit');
holder.close();
