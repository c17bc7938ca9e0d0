import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';

/** Modules that threads run, and who begins one. */
const THREADS = [{ module: 'audit-worker', folder: 'src', from: 'open-audit.ts' }] as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Threads run one bundled file each instead of all the sources, which Node.js would read, strip of their types and compile
 * again for each of the hundreds of threads that tests begin.
 */
export function bundledThreads(): Plugin {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-threads-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
    name: 'sluice-bundled-threads',
    buildStart: () => bundle(folder),
    transform: (code, id) => {
      const thread = THREADS.find(({ folder: path, from }) => id === resolve(ROOT, path, from));
      return thread === undefined ? null : redirected(code, thread.module, folder);
    },
  };
}

function redirected(code: string, module: string, folder: string): string {
  const source = `"./${module}.ts"`;
  const written = code.replaceAll(/'(\.\/[\w-]+\.ts)'/g, '"$1"');
  if (!written.includes(source)) throw new Error(`No thread begins with ${source} any more: see bundled-threads.ts.`);
  return written.replace(source, JSON.stringify(pathToFileURL(join(folder, `${module}.js`)).href));
}

async function bundle(folder: string): Promise<void> {
  const input = Object.fromEntries(
    THREADS.map(({ module, folder: path }) => [module, join(ROOT, path, `${module}.ts`)]),
  );
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ssr: { noExternal: true },
    plugins: [nativeByPath()],
    build: {
      ssr: true,
      target: 'node24',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { input, output: { entryFileNames: '[name].js' } },
    },
  });
}

/** A native module cannot be bundled, and is not found by name from a temporary folder. */
function nativeByPath(): Plugin {
  const path = fileURLToPath(import.meta.resolve('better-sqlite3'));
  return {
    name: 'sluice-native-by-path',
    enforce: 'pre',
    resolveId: (source) => (source === 'better-sqlite3' ? { id: path, external: true } : null),
  };
}
