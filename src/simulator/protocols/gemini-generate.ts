import { InvalidRequest } from '../failure.ts';
import { isObject, listOf, objectOf, objectsOf, stringOf, type JsonObject } from '../json.ts';
import {
  ANY_OBJECT_SCHEMA,
  jsonTokens,
  stopList,
  tokenLimit,
  wholeNumber,
  type Prompt,
  type ToolChoice,
  type ToolSpec,
} from '../prompt.ts';
import { geminiBody, geminiEvents } from './gemini-reply.ts';
import { generation } from './protocol.ts';
import { isSignature } from './thoughts.ts';

const MAX_CANDIDATES = 8;
/** Stands for the signature of a call that another model made. */
const UNKNOWN_SIGNATURE = 'skip_thought_signature_validator';
const FIELDS: ReadonlySet<string> = new Set([
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'safetySettings',
  'cachedContent',
  'labels',
]);

/**
 * Google Gemini, of the API with keys and of Vertex.
 * @source https://ai.google.dev/api/generate-content
 */
export const geminiGenerate = generation('google', {
  readPrompt,
  renderBody: geminiBody,
  renderEvents: geminiEvents,
});

function readPrompt(body: JsonObject, model = ''): Prompt {
  const contents = checkedContents(body);
  if (model.includes('gemini-3')) checkSignatures(contents);
  const config = objectOf(body['generationConfig']);
  const choice = objectOf(objectOf(body['toolConfig'])['functionCallingConfig']);
  const tools = objectsOf(body['tools']).flatMap((tool) => objectsOf(tool['functionDeclarations']).map(readTool));
  return {
    conversation: JSON.stringify([body['systemInstruction'], contents]),
    lastUserText: lastUserText(contents),
    answersTool: objectsOf(contents.at(-1)?.['parts']).some((part) => 'functionResponse' in part),
    inputTokens: jsonTokens(body['systemInstruction']) + jsonTokens(contents) + jsonTokens(body['tools']),
    tools: allowed(tools, choice),
    toolChoice: toolChoice(choice),
    parallelTools: true,
    speaksBeforeTools: false,
    jsonSchema: outputSchema(config),
    maxTokens: tokenLimit(config, 'maxOutputTokens'),
    stop: stopList(config['stopSequences']),
    choices:
      config['candidateCount'] === undefined
        ? 1
        : wholeNumber(config['candidateCount'], 'candidateCount', MAX_CANDIDATES),
  };
}

/** @throws InvalidRequest */
function checkedContents(body: JsonObject): readonly JsonObject[] {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw new InvalidRequest(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`);
  }
  const contents = merged(objectsOf(body['contents']));
  if (contents.length === 0) throw new InvalidRequest('* GenerateContentRequest.contents: contents is not specified');
  contents.forEach((content, index) => checkContent(content, contents[index - 1]));
  return contents;
}

/** Neighbours of one role are one turn: the vendor's own SDK keeps each chunk of a stream as a content. */
function merged(contents: readonly JsonObject[]): readonly JsonObject[] {
  const turns: JsonObject[] = [];
  for (const content of contents) {
    const last = turns.at(-1);
    if (last === undefined || last['role'] !== content['role']) turns.push(content);
    else turns.splice(-1, 1, { ...last, parts: [...listOf(last['parts']), ...listOf(content['parts'])] });
  }
  return turns;
}

/** @throws InvalidRequest unless results answer, one for one, the calls right before them */
function checkContent(content: JsonObject, before: JsonObject | undefined): void {
  const parts = objectsOf(content['parts']);
  if (parts.length === 0) throw new InvalidRequest('Unable to submit request because it must have at least one part.');
  if (content['role'] !== 'user' && content['role'] !== 'model') {
    throw new InvalidRequest('Please use a valid role: user, model.');
  }
  const results = namesOf(parts, 'functionResponse');
  const calls = namesOf(objectsOf(before?.['parts']), 'functionCall');
  if (results.join() === calls.join()) return;
  throw new InvalidRequest(
    'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
  );
}

function namesOf(parts: readonly JsonObject[], kind: string): string[] {
  return parts.flatMap((part) => (isObject(part[kind]) ? [stringOf(part[kind]['name'])] : []));
}

/** @throws InvalidRequest where the first call of a step since the user last spoke is not signed */
function checkSignatures(contents: readonly JsonObject[]): void {
  const turn = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && objectsOf(parts).some((part) => !('functionResponse' in part)),
  );
  for (const content of contents.slice(turn + 1)) {
    const first = objectsOf(content['parts']).find((part) => 'functionCall' in part);
    const signature = first?.['thoughtSignature'];
    if (first === undefined || signature === UNKNOWN_SIGNATURE || isSignature(signature)) continue;
    throw new InvalidRequest('Function call is missing a thought_signature in functionCall parts.');
  }
}

function lastUserText(contents: readonly JsonObject[]): string {
  const texts = contents.map(({ role, parts }) =>
    role === 'user'
      ? objectsOf(parts)
          .map((part) => stringOf(part['text']))
          .join('')
      : '',
  );
  return texts.findLast((text) => text !== '') ?? '';
}

function readTool(declared: JsonObject): ToolSpec {
  const schema = declared['parametersJsonSchema'] ?? lowerTypes(declared['parameters']) ?? { type: 'object' };
  return { name: stringOf(declared['name']), schema };
}

/** The vendor's older schemas write their types in capitals. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [
    name,
    name === 'type' && typeof value === 'string' ? value.toLowerCase() : lowerTypes(value),
  ]);
  return Object.fromEntries(entries);
}

function allowed(tools: readonly ToolSpec[], choice: JsonObject): readonly ToolSpec[] {
  const names = listOf(choice['allowedFunctionNames']);
  return names.length === 0 ? tools : tools.filter(({ name }) => names.includes(name));
}

function toolChoice({ mode }: JsonObject): ToolChoice {
  if (mode === 'ANY') return 'required';
  return mode === 'NONE' ? 'none' : 'auto';
}

function outputSchema(config: JsonObject): unknown {
  if (config['responseMimeType'] !== 'application/json') return null;
  return config['responseJsonSchema'] ?? lowerTypes(config['responseSchema']) ?? ANY_OBJECT_SCHEMA;
}
