import type { FilePart, TextPart } from '../conversation.ts';
import type { Notes } from '../notes.ts';

const textOf = (text: string | null): TextPart[] =>
  text === null ? [] : [{ kind: 'text', text, citations: [], cache: null }];

/**
 * What of a document these formats have no member for, as texts ahead of it. A document that is text itself is told as text:
 * most models take no such files.
 */
export function documentTexts(file: FilePart, path: string, notes: Notes): TextPart[] {
  const { source, name, context } = file;
  if (context !== null || source.kind === 'text') notes.approximatePath(`${path} (document)`);
  if (file.citations) notes.approximatePath(`${path} (citations)`);
  if (source.kind !== 'text') return textOf(context);
  return [...textOf(name), ...textOf(context), ...textOf(source.text)];
}
