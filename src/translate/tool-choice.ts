import type { Conversation } from './conversation.ts';
import type { Notes } from './notes.ts';

/**
 * A choice among no tools, which OpenAI and Anthropic refuse themselves; where the other vendor knows no such choice it would
 * be lost.
 * @throws GatewayError
 */
export function refuseEmptyChoice({ tools, toolChoice }: Conversation, notes: Notes): void {
  if (tools.length > 0 || toolChoice === null || toolChoice.kind === 'auto' || toolChoice.kind === 'none') return;
  throw notes.missing('tools', 'give the tools that may be called, or leave the choice of one out');
}
