import { CliError, UsageError } from './errors.ts';

const TIMEOUT_MS = 30_000;

interface AdminReply {
  readonly status: number;
  readonly headers: Headers;
  readonly value: unknown;
}

/** Speaks to the control plane of a running gateway. */
export class AdminClient {
  private readonly baseUrl: string;
  private readonly token: string;

  /** @param token empty: none is sent. @throws UsageError where the URL is none */
  constructor(url: string, token: string) {
    if (!URL.canParse(url)) throw new UsageError(`--url: "${url}" is not a URL; write e.g. http://127.0.0.1:8081`);
    this.baseUrl = url.replace(/\/+$/, '');
    this.token = token;
  }

  /** @throws CliError with the control plane's own code and message, or `unreachable` */
  async call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<AdminReply> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.fetch(path, {
      method,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, value: text === '' ? null : this.parse(text) };
  }

  /** Subscribes to the events from now on; they end when the gateway stops. @throws CliError as `call` */
  async events(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.fetch('/api/v1/events', { signal });
    return untilBroken(response.body!);
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== '') headers.set('authorization', `Bearer ${this.token}`);
    let response: Response;
    try {
      response = await fetch(`${this.baseUrl}${path}`, { ...init, headers, redirect: 'error' });
    } catch (error) {
      throw this.unreachable(error);
    }
    if (!response.ok) throw this.refusal(response.status, await response.text());
    return response;
  }

  private parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.notSluice();
    }
  }

  private refusal(status: number, text: string): CliError {
    const { error } = this.parse(text) as { error?: { code?: unknown; message?: unknown } };
    if (typeof error?.code !== 'string' || typeof error.message !== 'string') return this.notSluice();
    const hint = status === 401 ? ' Give it by --token or SLUICE_ADMIN_TOKEN.' : '';
    return new CliError(error.code, `${error.message}${hint}`);
  }

  private unreachable(error: unknown): CliError {
    const { name, message, cause } = error as Error;
    const why = name === 'TimeoutError' ? 'no answer in time' : (cause as Error | undefined)?.message || message;
    return new CliError(
      'unreachable',
      `No gateway answers at ${this.baseUrl} (${why}). Start one with \`sluice serve\`, or name its admin address with --url.`,
    );
  }

  private notSluice(): CliError {
    return new CliError(
      'unreachable',
      `What answers at ${this.baseUrl} is not the control plane of sluice; check --url.`,
    );
  }
}

/** A connection that breaks off tells no more than one that ends. */
async function* untilBroken(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch {
    return;
  }
}
