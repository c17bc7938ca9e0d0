import type { JsonValue } from '../../core/rollout.ts';
import type {
  Conversation,
  Instruction,
  Message,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { readUrlCitation } from '../openai/citations.ts';
import { readContent } from './read-content.ts';
import { readThinking } from './read-thinking.ts';
import { withoutRepeats } from './repeated-members.ts';

const KNOWN: ReadonlySet<string> = new Set(['role', 'content', 'name']);
const KNOWN_OF_TOOL: ReadonlySet<string> = new Set(['role', 'content', 'name', 'tool_call_id']);
/** `parsed` is what the SDK's helper has read out of the content. */
const KNOWN_OF_ASSISTANT: ReadonlySet<string> = new Set([
  ...KNOWN,
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'parsed',
  'reasoning_content',
  'reasoning',
  'thinking_blocks',
]);
const KNOWN_OF_CALL: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom', 'cache_control']);
const KNOWN_OF_FUNCTION: ReadonlySet<string> = new Set(['name', 'arguments', 'parsed_arguments']);
const KNOWN_OF_CUSTOM: ReadonlySet<string> = new Set(['name', 'input']);

export type Messages = Pick<Conversation, 'system' | 'messages'>;

/** Instructions ahead of everything, then the messages. */
export function readMessages(values: readonly JsonValue[], rest: Rest): Messages {
  const system: Instruction[] = [];
  const messages: Message[] = [];
  const reader = new MessageReader(rest);
  values.forEach((value, index) => {
    const message = reader.read(Fields.of(value, `messages[${index}]`));
    if (messages.length === 0 && isInstruction(message)) system.push(...instructions(message));
    else messages.push(message);
  });
  return { system, messages };
}

function isInstruction({ role, name, parts }: Message): boolean {
  return (role === 'system' || role === 'developer') && name === null && parts.every(({ kind }) => kind === 'text');
}

function instructions({ role, parts }: Message): Instruction[] {
  const texts = parts.filter((part): part is TextPart => part.kind === 'text');
  return texts.map(({ text, cache }) => ({ role: role === 'developer' ? role : 'system', text, cache }));
}

class MessageReader {
  private readonly rest: Rest;
  /** Results do not tell which kind of tool they are of. */
  private readonly customCalls = new Set<string>();
  /** The calls of the old `function_call`, which have no ids: each is answered by the next `function` message. */
  private functionCalls = 0;

  constructor(rest: Rest) {
    this.rest = rest;
  }

  read(message: Fields): Message {
    const role = message.text('role');
    switch (role) {
      case 'system':
      case 'developer':
      case 'user':
        message.keepRest(KNOWN, this.rest);
        return { path: message.path, role, name: message.string('name'), parts: readContent(message, this.rest) };
      case 'assistant':
        return this.assistant(message);
      case 'tool':
        return this.result(message, message.text('tool_call_id'));
      case 'function':
        return this.result(message, `function_${this.functionCalls}`);
      default:
        throw malformed(message.at('role'), 'must be one of system, developer, user, assistant, tool');
    }
  }

  private assistant(given: Fields): Message {
    const message = withoutRepeats(given);
    message.keepRest(KNOWN_OF_ASSISTANT, this.rest);
    const parts: Part[] = readThinking(message);
    parts.push(...withAnnotations(readContent(message, this.rest), message));
    const refusal = message.string('refusal');
    if (refusal !== null) parts.push({ kind: 'refusal', text: refusal });
    const path = message.at('tool_calls');
    message.list('tool_calls')?.forEach((call, index) => parts.push(this.call(Fields.of(call, `${path}[${index}]`))));
    const functionCall = message.object('function_call');
    if (functionCall !== null) parts.push(this.functionCall(functionCall, `function_${++this.functionCalls}`));
    return { path: message.path, role: 'assistant', name: message.string('name'), parts };
  }

  private call(call: Fields): ToolCallPart {
    call.keepRest(KNOWN_OF_CALL, this.rest);
    const id = call.text('id');
    const custom = call.object('custom');
    if (custom === null) return this.functionCall(Fields.of(call.get('function'), call.at('function')), id);
    custom.keepRest(KNOWN_OF_CUSTOM, this.rest);
    this.customCalls.add(id);
    const input = custom.text('input');
    return { kind: 'tool_call', id, name: custom.text('name'), arguments: input, isCustom: true, cache: null };
  }

  private functionCall(called: Fields, id: string): ToolCallPart {
    called.keepRest(KNOWN_OF_FUNCTION, this.rest);
    const text = called.string('arguments') ?? '';
    const json = text.trim() === '' ? '{}' : text;
    return { kind: 'tool_call', id, name: called.text('name'), arguments: json, isCustom: false, cache: null };
  }

  /** The name of the tool says nothing that its call does not. */
  private result(message: Fields, callId: string): Message {
    message.keepRest(KNOWN_OF_TOOL, this.rest);
    const content = readContent(message, this.rest).map((part, index) => {
      if (part.kind === 'text' || part.kind === 'image' || part.kind === 'file') return part;
      throw malformed(
        `${message.at('content')}[${index}].type`,
        'must be one of text, image_url, file in a tool message',
      );
    });
    const isCustom = this.customCalls.has(callId);
    const part: ToolResultPart = { kind: 'tool_result', callId, content, isError: null, isCustom, cache: null };
    return { path: message.path, role: 'user', name: null, parts: [part] };
  }
}

/** What the reply said of the text as a whole is said of its first part. */
function withAnnotations(parts: Part[], message: Fields): Part[] {
  const values = message.list('annotations') ?? [];
  const at = parts.findIndex(({ kind }) => kind === 'text');
  const part = parts[at];
  if (values.length === 0 || part?.kind !== 'text') return parts;
  return parts.with(at, { ...part, citations: values.map((value) => readUrlCitation(value, 'chat')) });
}
