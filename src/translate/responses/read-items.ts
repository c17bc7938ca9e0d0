import type { JsonValue } from '../../core/rollout.ts';
import type { Instruction, Message, Part, TextPart, ToolCallPart } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, wordOrNull, type Rest } from '../openai/fields.ts';
import { readContent } from './read-content.ts';
import { readReasoning } from './reasoning-item.ts';

/** Ids, states and phases of items are the vendor's bookkeeping. */
const known = (...names: readonly string[]): ReadonlySet<string> => new Set(['type', 'id', 'status', ...names]);
const MESSAGE = known('role', 'content', 'phase');
const REASONING = known('summary', 'content', 'encrypted_content');
const CALL = known('call_id', 'name', 'arguments', 'parsed_arguments');
const CUSTOM_CALL = known('call_id', 'name', 'input');
const RESULT = known('call_id', 'output');

const ROLES = ['user', 'assistant', 'system', 'developer'] as const;

/** Items of one reply make one message: text, thoughts and calls, until somebody else speaks. */
export class ItemReader {
  readonly system: Instruction[];
  readonly messages: Message[] = [];
  private readonly rest: Rest;
  /** Of the message that is still growing. */
  private assistant: Part[] | null = null;

  constructor(system: Instruction[], rest: Rest) {
    this.system = system;
    this.rest = rest;
  }

  readAll(values: readonly JsonValue[]): void {
    values.forEach((value, index) => this.read(Fields.of(value, `input[${index}]`)));
  }

  private read(item: Fields): void {
    const type = item.string('type') ?? 'message';
    switch (type) {
      case 'message':
        return this.message(item);
      case 'reasoning':
        item.keepRest(REASONING, this.rest);
        return this.say(item.path, [readReasoning(item.value)]);
      case 'function_call':
        item.keepRest(CALL, this.rest);
        return this.say(item.path, [readCall(item)]);
      case 'custom_tool_call':
        item.keepRest(CUSTOM_CALL, this.rest);
        return this.say(item.path, [readCustomCall(item)]);
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.result(item, type === 'custom_tool_call_output');
      case 'item_reference':
        throw malformed(
          item.path,
          'names an item that nobody has here (any more); send the item itself, which SDKs do with store: false',
        );
      default:
        return this.foreign(item, type);
    }
  }

  private message(item: Fields): void {
    item.keepRest(MESSAGE, this.rest);
    const role = ROLES.find((each) => each === item.get('role'));
    if (role === undefined) throw malformed(item.at('role'), 'must be one of user, assistant, system, developer');
    const parts = readContent(item, 'content', this.rest);
    if (role === 'assistant') this.say(item.path, parts);
    else if (role !== 'user' && this.messages.length === 0 && parts.every(isText)) this.instruct(role, parts);
    else this.add({ path: item.path, role, name: null, parts });
  }

  private instruct(role: Instruction['role'], parts: readonly TextPart[]): void {
    for (const { text, cache } of parts) this.system.push({ role, text, cache });
  }

  private say(path: string, parts: readonly Part[]): void {
    if (this.assistant === null) {
      const growing: Part[] = [];
      this.add({ path, role: 'assistant', name: null, parts: growing });
      this.assistant = growing;
    }
    this.assistant.push(...parts);
  }

  private result(item: Fields, isCustom: boolean): void {
    item.keepRest(RESULT, this.rest);
    const content = readContent(item, 'output', this.rest).map((part, index) => {
      if (part.kind === 'text' || part.kind === 'image' || part.kind === 'file') return part;
      throw malformed(`${item.at('output')}[${index}].type`, 'must be one of input_text, input_image, input_file');
    });
    const callId = item.text('call_id');
    const part = { kind: 'tool_result', callId, content, isError: null, isCustom, cache: null } as const;
    this.add({ path: item.path, role: 'user', name: null, parts: [part] });
  }

  /** A message of its own, so that an error names its place. */
  private foreign(item: Fields, type: string): void {
    const role = type.endsWith('_output') || type.endsWith('_response') ? 'user' : 'assistant';
    const part = { kind: 'foreign', wire: 'responses', type, value: item.value } as const;
    this.add({ path: item.path, role, name: null, parts: [part] });
  }

  private add(message: Message): void {
    this.assistant = null;
    this.messages.push(message);
  }
}

function isText(part: Part): part is TextPart {
  return part.kind === 'text';
}

function readCall(item: Fields): ToolCallPart {
  const text = item.string('arguments') ?? '';
  return {
    kind: 'tool_call',
    id: item.text('call_id'),
    name: item.text('name'),
    arguments: wordOrNull(text.trim()) === null ? '{}' : text,
    isCustom: false,
    cache: null,
  };
}

function readCustomCall(item: Fields): ToolCallPart {
  return {
    kind: 'tool_call',
    id: item.text('call_id'),
    name: item.text('name'),
    arguments: item.text('input'),
    isCustom: true,
    cache: null,
  };
}
