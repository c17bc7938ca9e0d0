import type { Issues, Path } from './problem.ts';
import type { ConfigFile } from './schema.ts';

interface Gates {
  readonly errors: Issues;
  readonly warnings: Issues;
}

const NOT_ENFORCED = 'is not enforced by this version';
const NOT_SUPPORTED = 'is not supported by this version';

/** What the file may say already and this version does not do yet. What would fail open is an error. */
export function gateFile(file: ConfigFile, { errors, warnings }: Gates): void {
  if (!file.store.startsWith('sqlite:'))
    errors.add(['store'], NOT_SUPPORTED, 'write sqlite:PATH, e.g. sqlite:./data/sluice.db');
  if (file.counters !== 'memory:') errors.add(['counters'], NOT_SUPPORTED, 'write memory:');
  if (file.gateway.workers !== 1)
    errors.add(['gateway', 'workers'], NOT_SUPPORTED, 'write 1; run several gateways instead');
  if (file.record.content) warnings.add(['record', 'content'], `${NOT_SUPPORTED}: no content is kept`, 'remove it');
  for (const [index, key] of file.keys.entries()) warnOfLimits(key, ['keys', index], warnings);
  for (const [index, team] of file.teams.entries()) warnOfLimits(team, ['teams', index], warnings);
}

function warnOfLimits(
  { limits, budget }: { readonly limits?: unknown; readonly budget?: unknown },
  at: Path,
  warnings: Issues,
): void {
  if (limits !== undefined)
    warnings.add([...at, 'limits'], NOT_ENFORCED, 'remove it, or limit the key at the provider');
  if (budget !== undefined) warnings.add([...at, 'budget'], NOT_ENFORCED, 'remove it, or set a budget at the provider');
}
