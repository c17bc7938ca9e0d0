import { randomUUID } from 'node:crypto';

const gateway = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080';
const admin = process.env['SLUICE_ADMIN_URL'] ?? 'http://127.0.0.1:8081';

export interface Reply {
  readonly status: number;
  readonly requestId: string;
  readonly arm: string | null;
}

export interface Call {
  /** One user is on one arm. */
  readonly user?: string;
  readonly stream?: boolean;
  readonly prompt?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to the model `chat`, as any app would send it. */
export async function chat({ user = randomUUID(), stream = false, prompt = 'Hello!', ...rest }: Call): Promise<Reply> {
  const { metadata = {}, headers = {} } = rest;
  const response = await fetch(`${gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'chat', user, stream, metadata, messages: [{ role: 'user', content: prompt }] }),
  });
  await response.arrayBuffer();
  return {
    status: response.status,
    requestId: response.headers.get('x-sluice-request-id') ?? '',
    arm: response.headers.get('x-sluice-arm'),
  };
}

/**
 * Sends at a steady rate until somebody says stop, or for a minute at most.
 * @param send is given the number of the request
 * @param isDone asked four times a second
 * @returns whether it was done in time
 */
export async function sendUntil(
  perSecond: number,
  send: (index: number) => Promise<unknown>,
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  const open = new Set<Promise<unknown>>();
  const began = performance.now();
  let done = false;
  for (let index = 0; !done && performance.now() - began < 60_000; index++) {
    const request: Promise<unknown> = send(index).finally(() => open.delete(request));
    open.add(request);
    if (index % Math.ceil(perSecond / 4) === 0) done = await isDone();
    const due = began + (1000 * (index + 1)) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  await Promise.all(open);
  return done;
}

export interface Rollout {
  readonly phase: string;
  readonly weight: number;
  readonly winner: string | null;
}

export interface Metric {
  readonly metric: string;
  readonly segment: string | null;
  readonly state: string;
  readonly effect: { readonly estimate: number | null };
}

/** What the control plane answers. */
export async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${admin}/api/v1${path}`);
  if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

export const rollout = (name: string): Promise<Rollout> => ask(`/rollouts/${name}`);

export async function sendFeedback(requestId: string, name: string, value: boolean): Promise<void> {
  await fetch(`${gateway}/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request_id: requestId, name, value }),
  });
}

/** Why the last thing happened to a rollout, in the words of its history. */
export async function lastReason(name: string): Promise<string> {
  const [event] = await ask<readonly { action: string; reason: string; actor: string }[]>(`/rollouts/${name}/history`);
  return `${event?.actor} ${event?.action}: ${event?.reason}`;
}

/** Says how it went, and exits 1 where it went otherwise than it should. */
export function conclude(asExpected: boolean, text: string): void {
  console.log(`${asExpected ? 'ok' : 'NOT AS EXPECTED'}: ${text}`);
  process.exitCode = asExpected ? 0 : 1;
}
