import { InvalidRequest } from '../failure.ts';
import { objectOf, objectsOf, type JsonObject } from '../json.ts';
import type { Rendering } from './protocol.ts';
import { isSignature, thoughtOf, type Thought } from './thoughts.ts';

const MODES: ReadonlySet<unknown> = new Set(['enabled', 'adaptive']);

/** Null: the request asks for no thinking. @source https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export function anthropicThought({
  body,
  prompt,
  stamp,
}: Pick<Rendering, 'body' | 'prompt' | 'stamp'>): Thought | null {
  return thinks(body) ? thoughtOf(stamp.model, prompt.conversation) : null;
}

/** @throws InvalidRequest for thinking that is not as it was made, or that was left out of a loop of tools under a budget */
export function checkThinking(body: JsonObject): void {
  const messages = objectsOf(body['messages']);
  messages.forEach(({ content }, message) =>
    objectsOf(content).forEach((block, index) => {
      if (block['type'] !== 'thinking' || isSignature(block['signature'])) return;
      throw new InvalidRequest(`messages.${message}.content.${index}: Invalid \`signature\` in \`thinking\` block`);
    }),
  );
  const [asked, answer] = messages.slice(-2);
  if (objectOf(body['thinking'])['type'] !== 'enabled' || !typesOf(answer).includes('tool_result')) return;
  const [first] = typesOf(asked);
  if (first === 'thinking' || first === 'redacted_thinking') return;
  throw new InvalidRequest(
    `messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
  );
}

function thinks(body: JsonObject): boolean {
  return MODES.has(objectOf(body['thinking'])['type']);
}

function typesOf(message: JsonObject | undefined): unknown[] {
  return objectsOf(message?.['content']).map(({ type }) => type);
}
