import { objectOf, objectsOf, stringOf, type JsonObject } from '../json.ts';
import type { Random } from '../random.ts';
import { splitTokens } from '../text.ts';
import { NAME_TOKENS, type Turn } from '../turn.ts';
import { contentPart, finishedItems, responseObject } from './openai-responses-object.ts';
import type { Rendering } from './protocol.ts';
import { namedEvent, obfuscator, type StreamEvent } from './sse.ts';

/** Adds one event; its name and number are filled in. */
type Emit = (type: string, fields: JsonObject, tokens?: number) => void;

interface ItemStream {
  readonly emit: Emit;
  readonly random: Random;
  readonly obfuscate: (delta: string) => string | undefined;
}

/** The events of one response, in the order of the streaming reference. */
export function responseEvents(rendering: Rendering): StreamEvent[] {
  const { body, prompt, turns, stamp } = rendering;
  const turn = turns[0]!;
  const options = objectOf(body['stream_options']);
  const response = responseObject(rendering);
  const items = finishedItems(turn, rendering);

  const events: StreamEvent[] = [];
  const emit: Emit = (type, fields, tokens) => {
    events.push(namedEvent(type, JSON.stringify({ type, sequence_number: events.length, ...fields }), tokens));
  };
  const obfuscate = obfuscator(options['include_obfuscation'] !== false, stamp.random);
  const stream: ItemStream = { emit, random: stamp.random, obfuscate };

  emit('response.created', { response: response.inProgress });
  emit('response.in_progress', { response: response.inProgress });
  items.forEach((item, index) => emitItem(stream, turn, item, index));
  const finished = response.finished(items, turn, prompt.inputTokens);
  emit(`response.${stringOf(finished['status'])}`, { response: finished });
  return events;
}

function emitItem(stream: ItemStream, turn: Turn, item: JsonObject, outputIndex: number): void {
  if (item['type'] === 'reasoning') return emitReasoning(stream, item, outputIndex);
  const isCall = item['type'] === 'function_call';
  const opened = { ...item, status: 'in_progress', ...(isCall ? { arguments: '' } : { content: [] }) };
  stream.emit('response.output_item.added', { output_index: outputIndex, item: opened }, isCall ? NAME_TOKENS : 0);
  const place = { item_id: item['id'], output_index: outputIndex };
  if (isCall) emitArguments(stream, stringOf(item['arguments']), place);
  else emitText(stream, turn, { ...place, content_index: 0 });
  stream.emit('response.output_item.done', { output_index: outputIndex, item });
}

function emitReasoning({ emit, random, obfuscate }: ItemStream, item: JsonObject, outputIndex: number): void {
  emit('response.output_item.added', { output_index: outputIndex, item: { ...item, summary: [] } });
  objectsOf(item['summary']).forEach((part, summaryIndex) => {
    const place = { item_id: item['id'], output_index: outputIndex, summary_index: summaryIndex };
    const text = stringOf(part['text']);
    emit('response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } });
    for (const delta of splitTokens(text, random)) {
      emit('response.reasoning_summary_text.delta', { ...place, delta, obfuscation: obfuscate(delta) });
    }
    emit('response.reasoning_summary_text.done', { ...place, text });
    emit('response.reasoning_summary_part.done', { ...place, part });
  });
  emit('response.output_item.done', { output_index: outputIndex, item });
}

function emitArguments({ emit, random, obfuscate }: ItemStream, text: string, place: JsonObject): void {
  for (const delta of splitTokens(text, random)) {
    emit('response.function_call_arguments.delta', { ...place, delta, obfuscation: obfuscate(delta) }, 1);
  }
  emit('response.function_call_arguments.done', { ...place, arguments: text });
}

function emitText({ emit, random, obfuscate }: ItemStream, turn: Turn, place: JsonObject): void {
  const kind = turn.refused ? 'response.refusal' : 'response.output_text';
  const logprobs = turn.refused ? {} : { logprobs: [] };
  emit('response.content_part.added', { ...place, part: contentPart(turn, '') });
  for (const delta of splitTokens(turn.text, random)) {
    emit(`${kind}.delta`, { ...place, delta, ...logprobs, obfuscation: obfuscate(delta) }, 1);
  }
  emit(`${kind}.done`, { ...place, ...logprobs, [turn.refused ? 'refusal' : 'text']: turn.text });
  emit('response.content_part.done', { ...place, part: contentPart(turn, turn.text) });
}
