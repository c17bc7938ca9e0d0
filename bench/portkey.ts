import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = '@portkey-ai/gateway';
const VERSION = '1.15.2';
const ENTRY = join('node_modules', ...PACKAGE.split('/'), 'build', 'start-server.js');

export const PORTKEY_HINT = `Portkey left out; to compare: npm i --prefix bench/.portkey ${PACKAGE}@${VERSION} (or set PORTKEY_DIR)`;

/** Its start script, from the folder that PORTKEY_DIR names or from bench/.portkey; null where neither has it. */
export function findPortkey(): string | null {
  const folders = [process.env['PORTKEY_DIR'], join(import.meta.dirname, '.portkey'), import.meta.dirname];
  const entries = folders.filter((folder) => folder !== undefined).map((folder) => join(folder, ENTRY));
  return entries.find((entry) => existsSync(entry)) ?? null;
}

/** @source Portkey's README, "custom host" */
export function portkeyHeaders(upstreamPort: number): Record<string, string> {
  return {
    authorization: 'Bearer x',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
  };
}
