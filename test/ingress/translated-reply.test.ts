import { expect, test } from 'vitest';
import { ReadReply, TranslatedReply } from '../../src/ingress/translated-reply.ts';
import type { IncomingReply } from '../../src/ingress/reply.ts';
import { chatFormat } from '../../src/translate/chat/format.ts';
import { geminiFormat } from '../../src/translate/gemini/format.ts';
import { translation } from '../../src/translate/translate.ts';

const ASKED = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

function replyOf(status: number, body: string): TranslatedReply {
  const came: IncomingReply = {
    status,
    statusText: 'Bad Request',
    rawHeaders: [],
    hasWaiting: true,
    header: () => undefined,
    pipeTo: () => expect.fail('its body has been read'),
    pause: () => {},
    resume: () => {},
    stop: () => {},
  };
  const opened = translation(chatFormat, geminiFormat, { wall: () => 0 }).open(ASKED, 'gemini-3-pro');
  return new TranslatedReply(new ReadReply(came, Buffer.from(body)), opened, 1024);
}

function read(reply: IncomingReply): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    reply.pipeTo({
      data: (chunk) => void chunks.push(chunk),
      end: () => resolve(Buffer.concat(chunks).toString()),
      fail: reject,
    });
  });
}

test('a key that the provider refuses as a bad request is a 401 for the client', async () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
  const error = { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT', details };
  const reply = replyOf(400, JSON.stringify({ error }));
  expect(JSON.parse(await read(reply))).toMatchObject({ error: { type: 'authentication_error' } });
  expect([reply.status, reply.statusText]).toEqual([401, 'Unauthorized']);
});

test('any other error keeps its status', async () => {
  const reply = replyOf(400, '{"error":{"code":400,"message":"No such field.","status":"INVALID_ARGUMENT"}}');
  expect(JSON.parse(await read(reply))).toMatchObject({ error: { message: 'No such field.' } });
  expect([reply.status, reply.statusText]).toEqual([400, 'Bad Request']);
});

test('what is none of the provider’s protocol fails', async () => {
  await expect(read(replyOf(200, 'soon'))).rejects.toMatchObject({ kind: 'malformed_reply' });
});
