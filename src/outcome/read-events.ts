import type { Operation } from '../core/operation.ts';
import { eventType, type SseEvent } from '../core/sse.ts';
import { asFields, parseJson, textIn } from './fields.ts';
import { numberOr, readChoices, readIncomplete, readItem } from './read-reply.ts';
import type { ReplyContent } from './reply-content.ts';
import { textMember } from './text-member.ts';

/** Takes what one event of a stream said. */
type ReadEvent = (event: SseEvent, content: ReplyContent, choices: number) => void;

/** What a chunk may hold besides text: then it is parsed. A null, as many servers write, is nothing. */
const STRUCTURED =
  /"(?:tool_calls|function_call)"\s*:\s*[[{]|"refusal"\s*:\s*"[^"]|"finish_reason"\s*:\s*"content_filter/;

/** The words are looked for first: natively, and most events have none of them. */
function isStructured(data: string): boolean {
  const hasWord = data.includes('_call') || data.includes('refusal') || data.includes('content_filter');
  return hasWord && STRUCTURED.test(data);
}

/** Text alone is cut out of the JSON, as it is in nearly every event: parsing takes several times as long. */
const chunkReader =
  (field: 'content' | 'text'): ReadEvent =>
  ({ data }, content, choices) => {
    if (choices === 1 && !isStructured(data)) {
      const text = textMember(data, field);
      if (text !== '') content.addText(0, text, data);
      else if (data.includes('"choices"')) content.choice(0);
      return;
    }
    const chunk = asFields(parseJson(data));
    if (chunk !== null) readChoices(chunk, content);
  };

const readChatChunk = chunkReader('content');
const readCompletionChunk = chunkReader('text');

/** Each item comes whole once more when it is done, so its deltas need no reading. */
const readResponseEvent: ReadEvent = (event, content) => {
  const type = eventType(event);
  if (type === 'response.completed') content.choice(0);
  if (type !== 'response.output_item.done' && type !== 'response.incomplete') return;
  const fields = asFields(parseJson(event.data));
  if (fields === null) return;
  const item = asFields(fields['item']);
  if (item !== null) readItem(item, numberOr(fields['output_index'], 0), content);
  const response = asFields(fields['response']);
  if (response !== null) readIncomplete(response, content);
};

const BLOCK_INDEX = /"index"\s*:\s*(\d{1,6})/;

const readMessageEvent: ReadEvent = (event, content) => {
  const type = eventType(event);
  const { data } = event;
  if (type === 'message_start') content.choice(0);
  if (type === 'content_block_start') return openBlock(data, content);
  if (type !== 'content_block_delta') return;
  const text = textMember(data, 'text');
  if (text !== '') return content.addText(0, text, data);
  const piece = textMember(data, 'partial_json');
  if (piece !== '') content.addCall(0, Number(BLOCK_INDEX.exec(data)?.[1] ?? 0), '', piece, data);
};

function openBlock(data: string, content: ReplyContent): void {
  const fields = asFields(parseJson(data));
  const block = asFields(fields?.['content_block']);
  if (fields === null || block === null) return;
  if (block['type'] === 'text') content.addText(0, textIn(block, 'text'));
  if (block['type'] === 'tool_use') content.addCall(0, numberOr(fields['index'], 0), textIn(block, 'name'), '');
}

export function eventReader(operation: Operation): ReadEvent {
  if (operation === 'messages') return readMessageEvent;
  if (operation === 'responses') return readResponseEvent;
  return operation === 'chat' ? readChatChunk : readCompletionChunk;
}
