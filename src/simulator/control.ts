import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestFailure } from './failure.ts';
import type { SimulatorProfile } from './profile.ts';
import type { SimulatedProvider } from './provider.ts';
import { ClientLeft, readBody } from './read-body.ts';

const PROFILE_PATH = '/_sim/profiles/';

/**
 * The run-time controls: GET and PUT /_sim/faults, PUT /_sim/profiles/{model}, GET /_sim/stats. A PUT answers with
 * what now holds, a bad one with 400 (413, 415) and the reason.
 * @throws ClientLeft
 */
export async function control(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  provider: SimulatedProvider,
): Promise<void> {
  try {
    const found = steer(`${req.method} ${path}`, await readBody(req), provider);
    if (found === undefined) sendJson(res, 404, { error: { message: `no such control: ${req.method} ${path}` } });
    else sendJson(res, 200, found);
  } catch (error) {
    if (error instanceof ClientLeft) throw error;
    const status = error instanceof RequestFailure ? error.status : 400;
    sendJson(res, status, { error: { message: (error as Error).message } });
  }
}

/** @throws Error for a body that is not JSON or not valid */
function steer(operation: string, body: string, provider: SimulatedProvider): unknown {
  if (operation === 'GET /_sim/stats') return provider.stats();
  if (operation === 'GET /_sim/faults') return provider.faults;
  if (operation === 'PUT /_sim/faults') {
    provider.setFaults(JSON.parse(body));
    return provider.faults;
  }
  if (!operation.startsWith(`PUT ${PROFILE_PATH}`)) return undefined;
  const model = decodeURIComponent(operation.slice(`PUT ${PROFILE_PATH}`.length));
  const profile = JSON.parse(body) as SimulatorProfile;
  provider.setProfile(model, profile);
  return profile;
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
