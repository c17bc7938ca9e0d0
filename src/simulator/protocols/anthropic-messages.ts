import { InvalidRequest } from '../failure.ts';
import { isObject, objectsOf, stringOf, type JsonObject } from '../json.ts';
import {
  ANY_OBJECT_SCHEMA,
  contentTokens,
  jsonTokens,
  requireList,
  stopList,
  textOf,
  tokenLimit,
  type Prompt,
  type ToolChoice,
  type ToolSpec,
} from '../prompt.ts';
import { anthropicBody, anthropicEvents } from './anthropic-reply.ts';
import { checkThinking } from './anthropic-thinking.ts';
import { generation, type ComputationProtocol } from './protocol.ts';

/**
 * Anthropic messages.
 * @source https://docs.anthropic.com/en/api/messages, /messages-streaming
 */
export const anthropicMessages = generation('anthropic', {
  readPrompt,
  renderBody: anthropicBody,
  renderEvents: anthropicEvents,
});

/** @source https://docs.anthropic.com/en/api/messages-count-tokens */
export const anthropicCountTokens: ComputationProtocol = {
  kind: 'computation',
  dialect: 'anthropic',
  defaultModel: null,
  compute: (body) => ({ body: { input_tokens: inputTokens(body) }, inputTokens: 0 }),
};

function readPrompt(body: JsonObject): Prompt {
  const messages = requireList(body, 'messages');
  const maxTokens = tokenLimit(body, 'max_tokens');
  if (maxTokens === null) throw new InvalidRequest('max_tokens: Field required', 'max_tokens');
  checkThinking(body);
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  const lastContent = messages.at(-1)?.['content'];
  return {
    conversation: JSON.stringify([body['system'], messages]),
    lastUserText: lastUserText(messages),
    answersTool: objectsOf(lastContent).some((block) => block['type'] === 'tool_result'),
    inputTokens: inputTokens(body),
    tools: objectsOf(body['tools']).flatMap(readTool),
    toolChoice: toolChoice(choice),
    parallelTools: choice['disable_parallel_tool_use'] !== true,
    speaksBeforeTools: true,
    jsonSchema: outputSchema(body),
    maxTokens,
    stop: stopList(body['stop_sequences']),
    choices: 1,
  };
}

/** Tool results come as user messages too: those without text are passed over. */
function lastUserText(messages: readonly JsonObject[]): string {
  const texts = messages.map((message) => (message['role'] === 'user' ? textOf(message['content']) : ''));
  return texts.findLast((text) => text !== '') ?? '';
}

/** @throws InvalidRequest when there are no messages */
function inputTokens(body: JsonObject): number {
  const system = body['system'] === undefined ? 0 : contentTokens(body['system']);
  const messages = requireList(body, 'messages').map((message) => contentTokens(message['content']));
  return messages.reduce((sum, tokens) => sum + tokens, system + jsonTokens(body['tools']));
}

/** Tools that the provider runs itself carry no schema; they are accepted and never called. */
function readTool(tool: JsonObject): ToolSpec[] {
  return isObject(tool['input_schema']) ? [{ name: stringOf(tool['name']), schema: tool['input_schema'] }] : [];
}

function toolChoice(choice: JsonObject): ToolChoice {
  if (choice['type'] === 'tool') return { name: stringOf(choice['name']) };
  if (choice['type'] === 'any') return 'required';
  return choice['type'] === 'none' ? 'none' : 'auto';
}

/** `output_config.format`, or `output_format` as the beta has it. */
function outputSchema(body: JsonObject): unknown {
  const config = isObject(body['output_config']) ? body['output_config'] : {};
  const format = config['format'] ?? body['output_format'];
  return isObject(format) && format['type'] === 'json_schema' ? (format['schema'] ?? ANY_OBJECT_SCHEMA) : null;
}
