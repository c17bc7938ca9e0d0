import type { ToolCallPart, ToolResultPart } from '../conversation.ts';
import { malformed, type Notes } from '../notes.ts';
import { isObject, parseJson } from '../provider-json.ts';
import { writeFile, writeImage, type GeminiPart } from './write-media.ts';

/** What is known of a call that a result answers. */
export interface KnownCall {
  readonly name: string;
  /** Its place among all calls. */
  readonly place: number;
}

/** @throws GatewayError for arguments that are no object */
export function writeCall(call: ToolCallPart, path: string, withId: boolean, notes: Notes): GeminiPart {
  if (call.isCustom) throw notes.refusalOf(path, 'leave calls of custom tools out');
  const args = parseJson(call.arguments === '' ? '{}' : call.arguments);
  if (!isObject(args)) throw malformed(path, `has a call of ${call.name} whose arguments are not a JSON object`);
  return { functionCall: { ...(withId ? { id: call.id } : {}), name: call.name, args } };
}

/** Media of a result: inside it where the model takes that, else behind all results. */
interface WrittenResult {
  readonly part: GeminiPart;
  readonly after: readonly GeminiPart[];
}

/** A result by the name of its call. */
export function writeResult(
  result: ToolResultPart,
  { name }: KnownCall,
  path: string,
  isRecent: boolean,
  notes: Notes,
): WrittenResult {
  const texts = result.content.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
  const media = result.content.flatMap((part) => {
    if (part.kind === 'image') return [writeImage(part, path, notes)];
    return part.kind === 'file' ? writeFile(part, path, notes) : [];
  });
  const output = texts.length === 1 ? texts[0]! : texts.length === 0 ? '' : texts;
  const inside = isRecent && media.every((part) => 'inlineData' in part || 'fileData' in part);
  if (!inside && media.length > 0) notes.approximatePath(`${path} (files of a tool's result)`);
  const functionResponse = {
    ...(isRecent ? { id: result.callId } : {}),
    name,
    response: result.isError === true ? { error: output } : { output },
    ...(inside && media.length > 0 ? { parts: media } : {}),
  };
  return { part: { functionResponse }, after: inside ? [] : media };
}
