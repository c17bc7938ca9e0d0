import { describe, expect, it } from 'vitest';
import { endpointProtocol, findEndpoint, isDisguised } from '../../src/ingress/routes.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { serve } from './support.ts';

/** The endpoint that a request line leads to, and the target as the stages see it. */
async function routed(requestLine: string): Promise<string> {
  const port = await serve((incoming, outgoing) => {
    outgoing.end(`${findEndpoint(incoming)} ${incoming.url}`);
  });
  const connection = await RawConnection.open(port);
  connection.send(`${requestLine} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  return (await connection.untilEnd()).split('\r\n\r\n')[1]!;
}

describe('a request', () => {
  it.each([
    ['POST /v1/chat/completions', 'chat /v1/chat/completions'],
    ['POST /v1/completions', 'text_completion /v1/completions'],
    ['POST /v1/responses', 'responses /v1/responses'],
    ['POST /v1/embeddings', 'embeddings /v1/embeddings'],
    ['POST /v1/moderations', 'moderations /v1/moderations'],
    ['POST /v1/messages?beta=true', 'messages /v1/messages?beta=true'],
    ['POST /v1/messages/count_tokens', 'count_tokens /v1/messages/count_tokens'],
    ['GET /v1/models', 'models /v1/models'],
    ['GET /v1/models/meta-llama/Llama-3', 'models /v1/models/meta-llama/Llama-3'],
    ['GET /v1/models/meta-llama%2FLlama-3', 'models /v1/models/meta-llama%2FLlama-3'],
    ['DELETE /v1/models/ft:x', 'passthrough /v1/models/ft:x'],
    ['GET /v1/chat/completions', 'passthrough /v1/chat/completions'],
    ['POST /v1/files?purpose=x', 'passthrough /v1/files?purpose=x'],
    ['PURGE /v1/files', 'passthrough /v1/files'],
    ['GET /v1/responses/resp_1', 'passthrough /v1/responses/resp_1'],
    ['POST /v1/feedback', 'feedback /v1/feedback'],
    ['GET /v1/feedback', 'not_found /v1/feedback'],
    ['GET /', 'not_found /'],
    ['GET /metrics', 'not_found /metrics'],
    ['POST /V1/chat/completions', 'not_found /V1/chat/completions'],
    ['POST /v1', 'not_found /v1'],
  ])('%s goes to %s', async (requestLine, expected) => {
    expect(await routed(requestLine)).toBe(expected);
  });

  it.each([
    'POST /v1//chat/completions',
    'POST //v1/chat/completions',
    'POST /v1/chat%2Fcompletions',
    'POST /v1/chat%2fcompletions',
    'POST /v1/chat/completions/',
    'POST /v1/Chat/Completions',
    'PUT /v1/%63hat/completions',
    'POST /v1/chat/completions;x=1',
    'POST /v1/chat/completions%00',
    'POST /v1/chat/completions%20',
    'POST /v1/chat/completions%3Fx',
    'POST /v1/chat/completions%23x',
    'POST /v1/files/%2e%2e/chat/completions%5c',
    'POST /v1/%zz',
    'POST /v1/FEEDBACK',
    'POST /v1/feedback/',
    'POST http://gateway/v1/chat/completions',
    'PUT http://gateway/v1/files',
    'GET http://gateway/v1/models',
    'POST /v1/x/../chat/completions',
    'POST /v1/%63hat/completions?q',
    'POST /v1/chat/completions#part?x',
    'GET /v1/models/gpt-4%2f..%2f..%2ffiles',
    'GET /v1/models/gpt-4%5c..%5cfiles',
    'GET /v1/models/a%2f%2fb',
    'GET http://gateway/v1/models/a%2f%2fb',
    'GET /v1/models/x#y',
  ])('%s, which a provider may read as another path, goes nowhere', async (requestLine) => {
    expect(await routed(requestLine)).toMatch(/^not_found /);
  });
});

describe('a path', () => {
  it.each([
    '/v1/chat/completions',
    '/v1/files',
    '/v1/files/a.b',
    '/v1/files/a%20b',
    '/v1/images/edits',
    '/v1/files/a;b',
    '/v1/...',
  ])('%s is no disguise', (path) => {
    expect(isDisguised(path)).toBe(false);
  });
});

describe('the form of errors', () => {
  it("is Anthropic's on its paths and for its clients, OpenAI's elsewhere", () => {
    const protocol = (url: string, headers = {}): string => endpointProtocol({ url, headers } as never);
    expect(protocol('/v1/messages')).toBe('anthropic');
    expect(protocol('/v1/messages/batches')).toBe('anthropic');
    expect(protocol('/v1/files', { 'anthropic-version': '2023-06-01' })).toBe('anthropic');
    expect(protocol('/v1/chat/completions')).toBe('openai');
    expect(protocol('/v1/chat/completions?x', { 'anthropic-version': '2023-06-01' })).toBe('openai');
    expect(protocol('/v1/feedback', { 'anthropic-version': '2023-06-01' })).toBe('openai');
    expect(protocol('/nothing')).toBe('openai');
  });
});
