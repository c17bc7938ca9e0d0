import { describe, expect, it } from 'vitest';
import { parseExactly } from '../../src/core/exact-json.ts';
import { chatFormat } from '../../src/translate/chat/format.ts';
import { geminiFormat } from '../../src/translate/gemini/format.ts';
import { messagesFormat } from '../../src/translate/messages/format.ts';
import { translation } from '../../src/translate/translate.ts';
import type { ClientFormat, ProviderFormat } from '../../src/translate/format.ts';

const ARGUMENTS = '{"id":9007199254740993,"ids":[-12345678901234567890],"n":1.5}';

function opened(client: ClientFormat, provider: ProviderFormat, json: string) {
  return translation(client, provider, { wall: () => 0 }).open(parseExactly(json), 'claude-sonnet-4-5');
}

const CHAT_CALL = JSON.stringify({ id: 'a', type: 'function', function: { name: 'f', arguments: ARGUMENTS } });
const CHAT = `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[${CHAT_CALL}]}]}`;
const MESSAGES = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${ARGUMENTS}}]}]}`;
const CLAUDE = `{"content":[{"type":"tool_use","id":"a","name":"f","input":${ARGUMENTS}}],"stop_reason":"tool_use"}`;
const GEMINI = `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${ARGUMENTS}}}]},"finishReason":"STOP"}]}`;

describe('whole numbers of more than 53 bits', () => {
  it('reach providers that want arguments as objects', () => {
    expect(opened(chatFormat, messagesFormat, CHAT).request.body).toContain(`"input":${ARGUMENTS}`);
    expect(opened(chatFormat, geminiFormat, CHAT).request.body).toContain(`"args":${ARGUMENTS}`);
  });

  it('reach providers that want them as text', () => {
    expect(opened(messagesFormat, chatFormat, MESSAGES).request.body).toContain(JSON.stringify(ARGUMENTS));
  });

  it('come back, whole and in streams', () => {
    expect(opened(chatFormat, messagesFormat, CHAT).reply(CLAUDE)).toContain(JSON.stringify(ARGUMENTS));
    const calls = opened(chatFormat, geminiFormat, CHAT);
    expect(calls.reply(GEMINI)).toContain(JSON.stringify(ARGUMENTS));
    const stream = calls.openStream(100_000);
    expect(String(stream.push(Buffer.from(`data: ${GEMINI}\n\n`)))).toContain(JSON.stringify(ARGUMENTS));
    const message = `{"choices":[{"message":{"tool_calls":[${CHAT_CALL}]},"finish_reason":"tool_calls"}]}`;
    expect(opened(messagesFormat, chatFormat, MESSAGES).reply(message)).toContain(`"input":${ARGUMENTS}`);
  });

  it('are read as numbers where one holds them', () => {
    expect(parseExactly('[9007199254740992, 0.1234567890123456789, 12345678901234567]')).toMatchObject([
      9007199254740992,
      0.12345678901234568,
      {},
    ]);
  });
});
