import type { Part } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields } from '../openai/fields.ts';
import { openSignature } from '../signatures.ts';

/** Thoughts that an assistant message brings back. Signed ones stand in `thinking_blocks`; the plain text repeats them. */
export function readThinking(message: Fields): Part[] {
  const path = message.at('thinking_blocks');
  const blocks = message.list('thinking_blocks') ?? [];
  if (blocks.length > 0) return blocks.map((block, index) => readBlock(Fields.of(block, `${path}[${index}]`)));
  const text = message.string('reasoning_content') ?? message.string('reasoning') ?? '';
  return text === '' ? [] : [{ kind: 'thinking', text, signature: null, id: null }];
}

function readBlock(block: Fields): Part {
  const type = block.text('type');
  if (type === 'redacted_thinking') return { kind: 'hidden_thinking', data: openSignature(block.text('data'), 'chat') };
  if (type !== 'thinking') throw malformed(block.at('type'), 'must be thinking or redacted_thinking');
  const signature = block.string('signature') ?? '';
  return {
    kind: 'thinking',
    text: block.string('thinking') ?? '',
    signature: signature === '' ? null : openSignature(signature, 'chat'),
    id: null,
  };
}
