/**
 * How well the prompt-attack score tells attacks from honest texts, by language and by family.
 * `node scripts/attack-figures.ts [--all] [--misses]`: what was held out; `--all` what phrases and weights were made on,
 * too, `--misses` what is judged wrongly in that.
 */
import { scoreText } from '../src/attack/score-text.ts';
import { labelledTexts, type LabelledText, type TextSet } from '../test/attack/labelled-texts.ts';

const THRESHOLD = 0.5;

interface Scored extends LabelledText {
  readonly score: number;
}

const scored: Scored[] = labelledTexts().map((each) => ({ ...each, score: scoreText(each.text, each.source) }));
const isFlagged = ({ score }: Scored): boolean => score >= THRESHOLD;
const share = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(2));

/** The chance that an attack scores above an honest text; half where they score alike. */
function areaUnderCurve(texts: readonly Scored[]): string {
  const honest = texts.filter(({ isAttack }) => !isAttack);
  const attacks = texts.filter(({ isAttack }) => isAttack);
  let wins = 0;
  for (const { score } of attacks)
    for (const other of honest) wins += score > other.score ? 1 : score === other.score ? 0.5 : 0;
  return share(wins, attacks.length * honest.length);
}

function row(name: string, texts: readonly Scored[]): string {
  const attacks = texts.filter(({ isAttack }) => isAttack).length;
  const hits = texts.filter((each) => each.isAttack && isFlagged(each)).length;
  const alarms = texts.filter((each) => !each.isAttack && isFlagged(each)).length;
  const precision = share(hits, hits + alarms);
  const cells = [name, attacks, texts.length - attacks, precision, share(hits, attacks)];
  return `| ${[...cells, share(2 * hits, hits + alarms + attacks), areaUnderCurve(texts)].join(' | ')} |`;
}

function print(title: string, texts: readonly Scored[]): void {
  console.log(`\n${title}\n\n| language | attacks | honest | precision | recall | F1 | AUC |`);
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const language of new Set(texts.map((each) => each.language)))
    console.log(
      row(
        language,
        texts.filter((each) => each.language === language),
      ),
    );
  console.log(row('**all**', texts));
  console.log('\n| family | texts | scored 0.5 and more | 0.8 and more |\n| --- | --- | --- | --- |');
  for (const family of new Set(texts.map((each) => each.family))) {
    const own = texts.filter((each) => each.family === family);
    const high = own.filter(({ score }) => score >= 0.8).length;
    console.log(`| ${family} | ${own.length} | ${own.filter(isFlagged).length} | ${high} |`);
  }
}

const of = (set: TextSet, isHeldOut: boolean): Scored[] =>
  scored.filter((each) => each.set === set && each.isHeldOut === isHeldOut);

if (process.argv.includes('--misses')) {
  for (const each of scored.filter(({ isHeldOut }) => !isHeldOut))
    if (isFlagged(each) !== each.isAttack)
      console.log(each.score.toFixed(2), each.language, each.family, JSON.stringify(each.text));
} else {
  if (process.argv.includes('--all')) {
    print('First texts, tuning half', of('first', false));
    print('Development texts', of('development', false));
  }
  print('First texts, held-out half', of('first', true));
  print('Written later, by somebody else', of('later', true));
  print('Fresh', of('fresh', true));
}
