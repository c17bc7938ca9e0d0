/**
 * Removes from `node_modules` and `dist` what no program needs at run time, and then loads everything that is left:
 * `node scripts/prune-image.ts [linux-x64 | linux-arm64]`, in the build of the image only. Licences stay.
 */
import { globSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadModules } from './load-modules.ts';

/** Sources, types, maps, documents; none of them is ever loaded. */
const NEVER_LOADED = /\.(?:map|markdown|md|flow|d\.[cm]?ts|[cm]?tsx?)$/i;
const IS_LICENCE = /^(?:licen[cs]e|notice|copying)/i;

/** What a package brings for others: other module systems, browsers, its own tests, the sources of what is compiled. */
const FOR_OTHERS: Readonly<Record<string, readonly string[]>> = {
  '@hono/node-server': ['dist/**/*.cjs'],
  'better-sqlite3': ['binding.gyp', 'deps', 'src'],
  bintrees: ['test', 'dist'],
  'gpt-tokenizer': ['cjs', 'data', 'src'],
  hono: ['dist/cjs', 'dist/types'],
  // Only its numbers are used, none of its code.
  'libphonenumber-js': ['build', 'bundle', 'core', 'es6', 'es6-modern', 'max', 'min', 'mobile', 'source'],
  'lru-cache': ['dist/commonjs', 'dist/esm/browser', 'dist/esm/react-native'],
  undici: ['docs', 'types'],
  yaml: ['browser'],
  zod: ['src'],
};

/** A dependency that is built from sources there; its binaries come ready. */
const NOT_NEEDED = ['node-addon-api'];

function main(): Promise<void> {
  const platform = process.argv[2] ?? `${process.platform}-${process.arch}`;
  const before = sizes();
  for (const [name, paths] of Object.entries(FOR_OTHERS))
    for (const path of paths) removeKnown(join('node_modules', name, path));
  for (const name of NOT_NEEDED) removeKnown(join('node_modules', name));
  for (const file of globSync('node_modules/better-sqlite3/prebuilds/*'))
    if (!file.endsWith(`/${platform}.node`)) rmSync(file);
  for (const folder of ['node_modules', 'dist']) removeNeverLoaded(folder);
  report(before, sizes());
  return platform === `${process.platform}-${process.arch}` ? loadModules('dist') : Promise.resolve();
}

/** @throws Error where there is nothing: an update has moved it, and what it moved to would stay. */
function removeKnown(pattern: string): void {
  const found = globSync(pattern);
  if (found.length === 0) throw new Error(`${pattern} is not there: bring the list of prune-image.ts up to date`);
  for (const path of found) rmSync(path, { recursive: true });
}

function removeNeverLoaded(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && NEVER_LOADED.test(entry.name) && !IS_LICENCE.test(entry.name))
      rmSync(join(entry.parentPath, entry.name));
  }
}

/** Kilobytes by package. */
function sizes(): Map<string, number> {
  const all = new Map<string, number>();
  for (const path of globSync('{node_modules,dist}/**')) {
    const stat = statSync(path);
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? ['', 'dist'];
    if (stat.isFile()) all.set(name!, (all.get(name!) ?? 0) + stat.size / 1024);
  }
  return all;
}

function report(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  const megabytes = (kilobytes = 0) => (kilobytes / 1024).toFixed(1).padStart(6);
  const total = (all: ReadonlyMap<string, number>) => [...all.values()].reduce((sum, one) => sum + one, 0);
  const largest = [...before].sort(([, a], [, b]) => b - a).filter(([, size]) => size > 512);
  console.log('    MB -> MB');
  for (const [name, size] of largest) console.log(`${megabytes(size)} ${megabytes(after.get(name))}  ${name}`);
  console.log(`${megabytes(total(before))} ${megabytes(total(after))}  all`);
}

await main();
process.exit(0);
