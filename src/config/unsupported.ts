import type { Issues } from './problem.ts';
import type { ConfigFile } from './schema.ts';

interface Gates {
  readonly errors: Issues;
  readonly warnings: Issues;
}

const NOT_SUPPORTED = 'is not supported by this version';

/** What the file may say already and this version does not do yet. What would fail open is an error. */
export function gateFile(file: ConfigFile, { errors }: Gates): void {
  if (file.gateway.workers !== 1)
    errors.add(['gateway', 'workers'], NOT_SUPPORTED, 'write 1; run several gateways instead');
}
