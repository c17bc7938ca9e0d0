import type { IncomingMessage } from 'node:http';
import { InvalidRequest, RequestFailure, type Dialect } from './failure.ts';
import { parseFault, type SimulatorFault } from './fault.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Protocol } from './protocols/protocol.ts';
import { dialectOf, routeOf, type Route } from './protocols/routes.ts';
import { readBody } from './read-body.ts';

/** A parsed API call. */
export interface ModelCall {
  readonly protocol: Protocol;
  readonly body: JsonObject;
  /** The body as JSON text, inflated. */
  readonly text: string;
  readonly model: string;
  readonly streamed: boolean;
}

/** What a request asks for: a call, a failure, or something about the models. */
export interface ApiRequest {
  /** Without its `/v1`. */
  readonly path: string;
  readonly dialect: Dialect;
  /** From `x-sim-fault`, for this request alone. */
  readonly fault: SimulatorFault | null;
  readonly asked: ModelCall | RequestFailure | 'models';
}

/** @throws ClientLeft */
export async function readRequest(req: IncomingMessage, path: string): Promise<ApiRequest> {
  const dialect = dialectOf(path, 'anthropic-version' in req.headers);
  try {
    const asked = await readAsked(req, path);
    return { path, dialect, fault: readFault(req.headers['x-sim-fault']), asked };
  } catch (error) {
    if (error instanceof RequestFailure) return { path, dialect, fault: null, asked: error };
    throw error;
  }
}

async function readAsked(req: IncomingMessage, path: string): Promise<ModelCall | 'models'> {
  const route = routeOf(path);
  if (route !== null && req.method === 'POST') return readCall(route, await readBody(req));
  if (route !== null) throw new RequestFailure(405, `Not allowed to ${req.method} on /v1${path}.`);
  if (req.method === 'GET' && /^\/models(?:\/|$)/.test(path)) return 'models';
  throw new RequestFailure(404, `Invalid URL (${req.method} /v1${path})`);
}

function readFault(header: string | readonly string[] | undefined): SimulatorFault | null {
  if (header === undefined) return null;
  try {
    return parseFault(String(header));
  } catch (error) {
    throw new InvalidRequest(`x-sim-fault: ${(error as Error).message}`);
  }
}

function readCall({ protocol, model: named, streamed }: Route, text: string): ModelCall {
  const body = parseObject(text);
  const fallback = protocol.kind === 'computation' ? protocol.defaultModel : null;
  const model = named ?? body['model'] ?? fallback;
  if (typeof model === 'string' && model !== '') {
    return { protocol, body, text, model, streamed: streamed ?? body['stream'] === true };
  }
  throw protocol.dialect === 'anthropic'
    ? new InvalidRequest('model: Field required')
    : new InvalidRequest('You must provide a model parameter.', 'model');
}

function parseObject(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new InvalidRequest('We could not parse the JSON body of your request.');
  }
  if (isObject(body)) return body;
  throw new InvalidRequest('The request body must be a JSON object.');
}
