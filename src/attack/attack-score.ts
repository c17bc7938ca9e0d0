import type { JsonDocument } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import { phraseTable } from './reading.ts';
import { scoreText } from './score-text.ts';
import { writtenTexts } from './written-texts.ts';

/** Has ready what scoring needs, so that no request waits for it. */
export function prepareAttackScore(): void {
  phraseTable();
}

/**
 * How much a request looks like an attack on its prompt, 0 to 1: the highest score of what people and tools wrote in it.
 * The `attack.score` of policies. A function of its arguments; see docs/prompt-attacks.md for what it can tell.
 */
export function attackScore(operation: Operation, document: JsonDocument): number {
  let highest = 0;
  for (const { text, source } of writtenTexts(operation, document))
    highest = Math.max(highest, scoreText(text, source));
  return highest;
}
