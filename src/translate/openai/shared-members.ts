import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { isServiceTier } from './members.ts';

/** Members that both formats of OpenAI have go over as they are; other vendors' service tiers mean nothing here. */
export function copyShared(
  body: { [name: string]: JsonValue },
  rest: Conversation['rest'],
  names: ReadonlySet<string>,
  notes: Notes,
): void {
  for (const [name, value] of rest) {
    if (!names.has(name)) continue;
    if (name === 'service_tier' && !isServiceTier(value)) notes.approximatePath(name);
    else body[name] = value;
  }
}
