import { connect } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';

/** No delay anywhere. */
export const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 } as const;

export const NOON = Date.UTC(2026, 0, 15, 12);

/** A simulator without delays and with a fixed clock, closed when the test is over. */
export async function simulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const running = await startSimulator({ now: () => NOON, ...options, defaults: { ...INSTANT, ...options.defaults } });
  onTestFinished(() => running.close());
  return running;
}

export function openai(sim: RunningSimulator): OpenAI {
  return new OpenAI({ baseURL: sim.baseUrl, apiKey: 'unchecked', maxRetries: 0 });
}

export function anthropic(sim: RunningSimulator): Anthropic {
  return new Anthropic({ baseURL: `http://${sim.host}:${sim.port}`, apiKey: 'unchecked', maxRetries: 0 });
}

export function user(content: string): { role: 'user'; content: string } {
  return { role: 'user', content };
}

export async function post(
  sim: RunningSimulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`http://${sim.host}:${sim.port}${path}`, { method: 'POST', body: text, headers });
}

/** What a plain socket saw: the bytes, and whether the other side closed in order or reset. */
export interface RawReply {
  readonly head: string;
  readonly body: string;
  readonly ending: 'closed' | 'reset';
}

/** Sends one POST over a bare socket and reads until the connection is over. */
export async function rawPost(
  sim: RunningSimulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<RawReply> {
  const text = JSON.stringify(body);
  const fields = { host: 'sim', connection: 'close', 'content-length': Buffer.byteLength(text), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const settle = (ending: RawReply['ending']): void => {
      const [head = '', ...rest] = Buffer.concat(parts).toString().split('\r\n\r\n');
      resolve({ head, body: rest.join('\r\n\r\n'), ending });
    };
    const socket = connect(sim.port, sim.host, () =>
      socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`),
    );
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => settle('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? settle('reset') : reject(error),
    );
  });
}

export const WEATHER_SCHEMA: Record<string, unknown> = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    days: { type: 'integer', minimum: 1, maximum: 7 },
  },
  required: ['city', 'unit', 'days'],
  additionalProperties: false,
};

/** What WEATHER_SCHEMA accepts. */
export const weather = z.strictObject({
  city: z.string().min(1),
  unit: z.enum(['celsius', 'fahrenheit']),
  days: z.int().min(1).max(7),
});
