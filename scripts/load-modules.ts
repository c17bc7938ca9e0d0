/**
 * Loads every module of a folder, and what they import later by name: `node scripts/load-modules.ts dist`. What was removed and
 * is needed after all fails the build of the image, not the gateway.
 */
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const NOT_THERE = /MODULE_NOT_FOUND|PATH_NOT_EXPORTED|ENOENT/;
/** A program that is loaded alone may wait for ever for the process that starts it; by then all that it imports has been found. */
const WAITS_FOR_OTHERS = 3_000;

/** @throws Error with each module that is not there */
export async function loadModules(folder: string): Promise<void> {
  const files = globSync(`${folder}/**/*.js`);
  if (files.length === 0) throw new Error(`${folder} holds no modules`);
  const later = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bimport\('([^.'][^']*)'\)/g)]);
  const names = new Set([...files.map((file) => pathToFileURL(file).href), ...later.map(([, name]) => name!)]);
  const failed: string[] = [];
  for (const name of names) {
    const problem = await problemOf(name);
    if (problem !== null) failed.push(`${name}: ${problem}`);
  }
  if (failed.length > 0) throw new Error(failed.join('\n'));
  console.log(`${names.size} modules load`);
}

/** What runs in a thread, or wants a server, may refuse to be loaded alone; that nothing is missing is asked here. */
function problemOf(name: string): Promise<string | null> {
  const loaded = import(name).then(
    () => null,
    (error: NodeJS.ErrnoException) => (NOT_THERE.test(error.code ?? '') ? error.message : null),
  );
  return Promise.race([loaded, sleep(WAITS_FOR_OTHERS, null)]);
}

if (import.meta.main) {
  await loadModules(process.argv[2] ?? 'dist');
  process.exit(0);
}
