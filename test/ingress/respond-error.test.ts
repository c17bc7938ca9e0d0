import { describe, expect, it } from 'vitest';
import { ERRORS, GatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { errorBody, respondError, streamError } from '../../src/ingress/respond-error.ts';
import { exchange as call, type HttpReply } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { newExchange, serve } from './support.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

async function answered(error: GatewayError, protocol: 'openai' | 'anthropic' = 'openai'): Promise<HttpReply> {
  const port = await serve((_incoming, outgoing) => respondError(outgoing, newExchange('chat', protocol), error));
  return call(`http://127.0.0.1:${port}/v1/chat/completions`, { body: '{}' });
}

describe('an error of the gateway', () => {
  it.each(CODES)("%s has all four keys for OpenAI clients and the documented form for Anthropic's", (code) => {
    const error = new GatewayError(code, 'What to do.', { param: 'model' });
    expect(JSON.parse(errorBody('openai', error, 'r1'))).toEqual({
      error: { message: 'What to do.', type: ERRORS[code].type, param: 'model', code },
    });
    expect(JSON.parse(errorBody('openai', new GatewayError(code, 'x'), 'r1'))).toMatchObject({
      error: { param: null },
    });
    expect(JSON.parse(errorBody('anthropic', error, 'r1'))).toEqual({
      type: 'error',
      error: { type: ERRORS[code].anthropicType, message: 'What to do.' },
      request_id: 'r1',
    });
  });

  it('is answered with its status, the request id and whether a retry makes sense', async () => {
    const denied = await answered(new GatewayError('model_not_allowed', 'No.'));
    expect([denied.status, denied.headers['x-sluice-request-id'], denied.headers['x-should-retry']]).toEqual([
      403,
      'request-1',
      'false',
    ]);
    expect([denied.headers['content-type'], denied.isComplete]).toEqual(['application/json', true]);
    const busy = await answered(new GatewayError('overloaded', 'Later.', { retryAfterSeconds: 3 }), 'anthropic');
    expect([busy.status, busy.headers['retry-after'], busy.headers['x-should-retry']]).toEqual([503, '3', undefined]);
    expect(busy.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  });

  it('reaches a client that is still sending, whole, and then the connection closes', async () => {
    const port = await serve((_incoming, outgoing) => {
      respondError(outgoing, newExchange(), new GatewayError('body_too_large', 'Less.', { closeConnection: true }));
    });
    const connection = await RawConnection.open(port);
    connection.send(rawRequest('/', { headers: { 'content-length': '100000000' } }) + 'x'.repeat(200_000));
    const text = await connection.untilEnd();
    expect(await connection.ended).toBe('closed');
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text.toLowerCase()).toContain('connection: close');
    expect(text).toContain('"code":"body_too_large"');
  });

  it('closes at once where the request has come in full', async () => {
    const reply = await answered(new GatewayError('overloaded', 'Later.', { closeConnection: true }));
    expect([reply.status, reply.headers['connection'], reply.isComplete]).toEqual([503, 'close', true]);
  });
});

describe('the error event of a stream', () => {
  const error = new GatewayError('upstream_timeout', 'Too late.\n\nReally.');

  it.each([
    ['chat', '', { error: { message: error.message, type: 'server_error', param: null, code: 'upstream_timeout' } }],
    [
      'text_completion',
      '',
      { error: { message: error.message, type: 'server_error', param: null, code: 'upstream_timeout' } },
    ],
    [
      'responses',
      'event: error\n',
      { type: 'error', error: { message: error.message, type: 'server_error', param: null, code: 'upstream_timeout' } },
    ],
    [
      'messages',
      'event: error\n',
      { type: 'error', error: { type: 'api_error', message: error.message }, request_id: 'r1' },
    ],
  ] as const)('of %s is one event in the form that its clients know', (operation, name, data) => {
    const text = streamError(operation, error, 'r1').toString();
    expect(text.startsWith(`${name}data: {`)).toBe(true);
    expect(text.split('\n\n')).toHaveLength(2);
    expect(JSON.parse(text.slice(`${name}data: `.length))).toEqual(data);
  });
});
