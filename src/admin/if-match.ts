import { RolloutError } from '../rollout/errors.ts';
import { AdminError } from './errors.ts';

/**
 * The version that `If-Match` names, or null where the header is absent.
 * @param current the version now; throws where there is none, which `*` makes a failed condition
 * @throws AdminError 400, 412
 * @source RFC 9110, 13.1.1
 */
export function expectedVersion(header: string | null, current: () => number): number | null {
  if (header === null) return null;
  if (header.trim() === '*') return existing(current);
  const [, version] = /^\s*"(\d{1,15})"\s*$/.exec(header) ?? [];
  if (version !== undefined) return Number(version);
  throw new AdminError(400, 'invalid_request', 'If-Match must be the ETag as it was read, e.g. "3", or *.');
}

function existing(current: () => number): number {
  try {
    return current();
  } catch (error) {
    if (error instanceof RolloutError) throw new AdminError(412, 'version_mismatch', error.message);
    throw error;
  }
}
