import { readdirSync, readFileSync } from 'node:fs';
import type { Source } from '../../src/attack/reading.ts';
import { rot13 } from '../../src/attack/payload.ts';

/**
 * `first`: half of it made the phrases, half was held out. `later`: written by somebody else when those phrases were done.
 * `development`: all of it was looked at while phrases were made to generalise. `fresh`: written after that, and measured once.
 */
export type TextSet = 'first' | 'later' | 'development' | 'fresh';

/** A line is `FAMILY: text` or `FAMILY@tool: text`; families that begin with `ok` are honest; `{leet:...}` is spelt so. */
export interface LabelledText {
  readonly language: string;
  readonly family: string;
  readonly isAttack: boolean;
  readonly source: Source;
  readonly text: string;
  readonly set: TextSet;
  /** Not used while phrases and weights are made. */
  readonly isHeldOut: boolean;
}

const FOLDER = new URL('texts/', import.meta.url);
const FOLDERS: Readonly<Record<TextSet, string>> = { first: '', later: 'later/', development: 'dev/', fresh: 'fresh/' };
const LINE = /^([\w.]+)(@tool)?: (.+)$/;
const SPELT = /\{(\w+):([^{}]+)\}/g;

/** How attackers write what they do not want to be found, so that the files can be read. */
const SPELLINGS: Readonly<Record<string, (plain: string) => string>> = {
  leet: (plain) => plain.replace(/[oieast]/gi, (letter) => '013457'['oieast'.indexOf(letter.toLowerCase())]!),
  spaced: (plain) =>
    plain
      .split(' ')
      .map((word) => [...word].join(' '))
      .join('   '),
  dotted: (plain) =>
    plain
      .split(' ')
      .map((word) => [...word].join('.'))
      .join('  '),
  zw: (plain) => [...plain].join('\u200b'),
  wide: (plain) => plain.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  base64: (plain) => Buffer.from(plain).toString('base64'),
  hex: (plain) => Buffer.from(plain).toString('hex'),
  rot13,
};

export function labelledTexts(): LabelledText[] {
  return (Object.keys(FOLDERS) as TextSet[]).flatMap(read);
}

/** The same thing said in two languages mostly falls into different halves, since neighbouring files take turns. */
function read(set: TextSet): LabelledText[] {
  const folder = new URL(FOLDERS[set], FOLDER);
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  return files.sort().flatMap((file, fileIndex) => {
    const lines = readFileSync(new URL(file, folder), 'utf8').trim().split('\n');
    return lines.map((line, index) => {
      const isHeldOut = set === 'first' ? (index + fileIndex) % 2 === 1 : set !== 'development';
      return { ...toText(line), language: file.slice(0, 2), set, isHeldOut };
    });
  });
}

function toText(line: string): Pick<LabelledText, 'family' | 'isAttack' | 'source' | 'text'> {
  const [, family = '', tool, text = ''] = LINE.exec(line) ?? [];
  if (text === '') throw new Error(`no "FAMILY: text": ${line}`);
  const source = tool === undefined ? 'user' : 'tool';
  return { family, isAttack: !family.startsWith('ok'), source, text: spell(text.replaceAll('\\n', '\n')) };
}

function spell(text: string): string {
  return text.replace(SPELT, (whole, how: string, plain: string) => SPELLINGS[how]?.(plain) ?? whole);
}
