import { readFileSync } from 'node:fs';

const file = new URL('../package.json', import.meta.url);

/** Of this software, as in package.json. */
export const VERSION = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
