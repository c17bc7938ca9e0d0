import { readdirSync, readFileSync } from 'node:fs';
import type { Source } from '../../src/attack/reading.ts';

/** A text of `texts/`: a line is `FAMILY: text` or `FAMILY@tool: text`; families that begin with `ok` are honest. */
export interface LabelledText {
  readonly language: string;
  readonly family: string;
  readonly isAttack: boolean;
  readonly source: Source;
  readonly text: string;
  /** Never looked at while phrases and weights are made. */
  readonly isHeldOut: boolean;
}

const FOLDER = new URL('texts/', import.meta.url);
const LINE = /^([\w.]+)(@tool)?: (.+)$/;

export function labelledTexts(): LabelledText[] {
  const files = readdirSync(FOLDER).sort();
  return files.flatMap((file, fileIndex) => {
    const lines = readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n');
    return lines.map((line, index) => toText(line, file.slice(0, 2), (index + fileIndex) % 2 === 1));
  });
}

/** The same thing said in two languages mostly falls into different halves, since neighbouring files take turns. */
function toText(line: string, language: string, isHeldOut: boolean): LabelledText {
  const [, family = '', tool, text = ''] = LINE.exec(line) ?? [];
  if (text === '') throw new Error(`no "FAMILY: text": ${line}`);
  const isAttack = !family.startsWith('ok');
  const source = tool === undefined ? 'user' : 'tool';
  return { language, family, isAttack, source, text: text.replaceAll('\\n', '\n'), isHeldOut };
}
