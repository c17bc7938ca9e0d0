import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

interface Gates {
  readonly errors: Issues;
  readonly warnings: Issues;
}

const NOT_SUPPORTED = 'is not supported by this version';

/** What the file may say already and this version does not do yet. What would fail open is an error. */
export function gateFile(file: ConfigFile, { errors, warnings }: Gates): void {
  if (!file.store.startsWith('sqlite:'))
    errors.add(['store'], NOT_SUPPORTED, 'write sqlite:PATH, e.g. sqlite:./data/sluice.db');
  if (file.record.content) warnings.add(['record', 'content'], `${NOT_SUPPORTED}: no content is kept`, 'remove it');
}
