import { InvalidRequest } from '../failure.ts';
import { isObject, objectOf, objectsOf, stringOf, type JsonObject } from '../json.ts';
import {
  jsonTokens,
  requireList,
  stopList,
  tokenLimit,
  type Prompt,
  type ToolChoice,
  type ToolSpec,
} from '../prompt.ts';
import { awsFraming } from './aws-frames.ts';
import { bedrockBody, bedrockEvents } from './bedrock-reply.ts';
import { generation } from './protocol.ts';
import { isSignature } from './thoughts.ts';

const FIELDS: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'guardrailConfig',
  'additionalModelRequestFields',
  'promptVariables',
  'additionalModelResponseFieldPaths',
  'requestMetadata',
  'performanceConfig',
  'serviceTier',
  'outputConfig',
]);

/**
 * Converse and ConverseStream of Amazon Bedrock.
 * @source https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const bedrockConverse = generation('aws', {
  readPrompt,
  renderBody: bedrockBody,
  renderEvents: bedrockEvents,
  framing: awsFraming,
});

function readPrompt(body: JsonObject): Prompt {
  const messages = checkedMessages(body);
  const config = objectOf(body['inferenceConfig']);
  const toolConfig = objectOf(body['toolConfig']);
  const lastContent = objectsOf(messages.at(-1)?.['content']);
  return {
    conversation: JSON.stringify([body['system'], messages]),
    lastUserText: lastUserText(messages),
    answersTool: lastContent.some((block) => 'toolResult' in block),
    inputTokens: jsonTokens(body['system']) + jsonTokens(messages) + jsonTokens(body['toolConfig']),
    tools: objectsOf(toolConfig['tools']).flatMap(readTool),
    toolChoice: toolChoice(objectOf(toolConfig['toolChoice'])),
    parallelTools: true,
    speaksBeforeTools: true,
    jsonSchema: outputSchema(body),
    maxTokens: tokenLimit(config, 'maxTokens'),
    stop: stopList(config['stopSequences']),
    choices: 1,
  };
}

/** @throws InvalidRequest */
function checkedMessages(body: JsonObject): readonly JsonObject[] {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw new InvalidRequest(`Unexpected field type: ${unknown}`);
  const messages = requireList(body, 'messages');
  messages.forEach(({ role }, index) => {
    if (role === (index % 2 === 0 ? 'user' : 'assistant')) return;
    throw new InvalidRequest(
      'A conversation must alternate between user and assistant roles, and start with a user message.',
    );
  });
  const usesTools = messages.some(({ content }) => objectsOf(content).some(isOfTool));
  if (usesTools && !isObject(body['toolConfig'])) {
    throw new InvalidRequest('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  messages.forEach((message, index) => checkContent(message, messages[index - 1]));
  return messages;
}

function isOfTool(block: JsonObject): boolean {
  return 'toolUse' in block || 'toolResult' in block;
}

/** @throws InvalidRequest */
function checkContent({ content }: JsonObject, before: JsonObject | undefined): void {
  const blocks = objectsOf(content);
  if (blocks.some((block) => typeof block['text'] === 'string' && block['text'].trim() === '')) {
    throw new InvalidRequest(
      'The text field in the ContentBlock object is blank. Add text to the text field, and try again.',
    );
  }
  const results = idsOf(blocks, 'toolResult');
  const calls = idsOf(objectsOf(before?.['content']), 'toolUse');
  if (results.toSorted().join() !== calls.toSorted().join()) {
    throw new InvalidRequest('Expected toolResult blocks for the toolUse blocks of the turn before, by their ids.');
  }
  for (const block of blocks) {
    const { signature } = objectOf(objectOf(block['reasoningContent'])['reasoningText']);
    if (signature !== undefined && !isSignature(signature))
      throw new InvalidRequest('Invalid signature in thinking block.');
  }
}

function idsOf(blocks: readonly JsonObject[], kind: string): string[] {
  return blocks.flatMap((block) => (isObject(block[kind]) ? [stringOf(block[kind]['toolUseId'])] : []));
}

function lastUserText(messages: readonly JsonObject[]): string {
  const texts = messages.map(({ role, content }) =>
    role === 'user'
      ? objectsOf(content)
          .map((block) => stringOf(block['text']))
          .join('')
      : '',
  );
  return texts.findLast((text) => text !== '') ?? '';
}

function readTool(tool: JsonObject): ToolSpec[] {
  const { toolSpec } = tool;
  if (!isObject(toolSpec)) return [];
  return [
    { name: stringOf(toolSpec['name']), schema: objectOf(toolSpec['inputSchema'])['json'] ?? { type: 'object' } },
  ];
}

function toolChoice(choice: JsonObject): ToolChoice {
  if (isObject(choice['tool'])) return { name: stringOf(choice['tool']['name']) };
  return 'any' in choice ? 'required' : 'auto';
}

/** @throws InvalidRequest for a schema that is not JSON */
function outputSchema(body: JsonObject): unknown {
  const format = objectOf(objectOf(body['outputConfig'])['textFormat']);
  const { schema } = objectOf(objectOf(format['structure'])['jsonSchema']);
  if (typeof schema !== 'string') return null;
  try {
    return JSON.parse(schema);
  } catch {
    throw new InvalidRequest('The schema of outputConfig is not valid JSON.');
  }
}
