import type { Redactor, StreamFormat } from '../../src/core/redaction.ts';
import type { SseEvent } from '../../src/core/sse.ts';
import { eventOf, runStream } from './support.ts';

export interface LaneShape {
  readonly format: StreamFormat;
  readonly isJson: boolean;
  readonly wrap: (piece: string) => SseEvent;
  readonly read: (data: string) => string;
}

/* eslint-disable-next-line typescript/no-explicit-any */
const field = (data: string): any => JSON.parse(data);

export const SHAPES: Readonly<Record<string, LaneShape>> = {
  'chat content': {
    format: 'chat',
    isJson: false,
    wrap: (content) => eventOf({ choices: [{ index: 0, delta: { content } }] }),
    read: (data) => field(data).choices[0].delta.content,
  },
  'chat tool arguments': {
    format: 'chat',
    isJson: true,
    wrap: (piece) =>
      eventOf({ choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: piece } }] } }] }),
    read: (data) => field(data).choices[0].delta.tool_calls[0].function.arguments,
  },
  'completion text': {
    format: 'completions',
    isJson: false,
    wrap: (text) => eventOf({ choices: [{ index: 0, text, logprobs: null }] }),
    read: (data) => field(data).choices[0].text,
  },
  'Anthropic text': {
    format: 'messages',
    isJson: false,
    wrap: (text) => eventOf({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    read: (data) => field(data).delta.text,
  },
  'Anthropic tool input': {
    format: 'messages',
    isJson: true,
    wrap: (piece) =>
      eventOf({ type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: piece } }),
    read: (data) => field(data).delta.partial_json,
  },
  'Responses text': {
    format: 'responses',
    isJson: false,
    wrap: (delta) => eventOf({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
    read: (data) => field(data).delta,
  },
  'Responses tool arguments': {
    format: 'responses',
    isJson: true,
    wrap: (delta) => eventOf({ type: 'response.function_call_arguments.delta', output_index: 0, delta }),
    read: (data) => field(data).delta,
  },
};

export function cut(text: string, places: readonly number[]): string[] {
  const bounds = [0, ...[...places].sort((a, b) => a - b), text.length];
  return bounds.slice(1).map((end, i) => text.slice(bounds[i], end));
}

export function streamed(redactor: Redactor, shape: LaneShape, pieces: readonly string[]): string {
  return runStream(redactor, shape.format, pieces.map(shape.wrap))
    .map(({ data }) => shape.read(data))
    .join('');
}

/** JSON text whose escapes are chosen by the seed, so that they hide what they can. */
export function asArguments(text: string, escapeEvery: number): string {
  let at = 0;
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/\\u....|\\.|[^\\]/g, (unit) => {
      const isEscaped = escapeEvery > 0 && unit.length === 1 && at++ % escapeEvery === 0;
      return isEscaped ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit;
    });
  return `{"a":"${escaped}","n":1}`;
}
