import { readdirSync, readFileSync } from 'node:fs';
import type { Source } from '../../src/attack/reading.ts';

/** A text of `texts/`: a line is `FAMILY: text` or `FAMILY@tool: text`; families that begin with `ok` are honest. */
export interface LabelledText {
  readonly language: string;
  readonly family: string;
  readonly isAttack: boolean;
  readonly source: Source;
  readonly text: string;
  /** Not used while phrases and weights are made. */
  readonly isHeldOut: boolean;
  /** Written when phrases and weights were done, to see how they do on what their author had not in mind. */
  readonly isLater: boolean;
}

const FOLDER = new URL('texts/', import.meta.url);
const LINE = /^([\w.]+)(@tool)?: (.+)$/;

export function labelledTexts(): LabelledText[] {
  return [...read(FOLDER, false), ...read(new URL('later/', FOLDER), true)];
}

/** The same thing said in two languages mostly falls into different halves, since neighbouring files take turns. */
function read(folder: URL, isLater: boolean): LabelledText[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  return files.sort().flatMap((file, fileIndex) => {
    const lines = readFileSync(new URL(file, folder), 'utf8').trim().split('\n');
    return lines.map((line, index) => {
      const isHeldOut = isLater || (index + fileIndex) % 2 === 1;
      return { ...toText(line), language: file.slice(0, 2), isHeldOut, isLater };
    });
  });
}

function toText(line: string): Pick<LabelledText, 'family' | 'isAttack' | 'source' | 'text'> {
  const [, family = '', tool, text = ''] = LINE.exec(line) ?? [];
  if (text === '') throw new Error(`no "FAMILY: text": ${line}`);
  const source = tool === undefined ? 'user' : 'tool';
  return { family, isAttack: !family.startsWith('ok'), source, text: text.replaceAll('\\n', '\n') };
}
