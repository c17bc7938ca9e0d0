import { describe, expect, it } from 'vitest';
import { messagesFormat } from '../../src/translate/messages/format.ts';
import { Notes } from '../../src/translate/notes.ts';
import { conversation, paramOf } from './messages/support.ts';

const CLEARS_THINKING = { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] };

describe('what only Anthropic knows', () => {
  it.each([
    ['tools[3].eager_input_streaming', true],
    ['messages[0].content[0].cache_control.scope', 'global'],
    ['diagnostics', { previous_message_id: 'msg_1' }],
    ['cache_control', { type: 'ephemeral' }],
    ['context_management', CLEARS_THINKING],
  ])('and changes no reply is told, not refused: %s', (field, value) => {
    const notes = new Notes(messagesFormat.settingNames, 'Other');
    notes.refuseRest(conversation({ rest: new Map([[field, value]]) }), new Set());
    expect(notes.approximated).toEqual([field]);
  });

  it.each([
    ['context_management', { edits: [{ type: 'clear_tool_uses_20250919' }] }],
    ['context_management', 'x'],
    ['inference_geo', 'eu'],
    ['tools[0].defer_loading', true],
  ])('and changes what happens is refused: %s', (field, value) => {
    const notes = new Notes(messagesFormat.settingNames, 'Other');
    expect(paramOf(() => notes.refuseRest(conversation({ rest: new Map([[field, value]]) }), new Set()))).toBe(field);
  });
});
