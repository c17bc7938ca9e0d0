import { describe, expect, it } from 'vitest';
import { AnalysisBoard } from '../../src/controller/analysis-board.ts';
import type { JsonValue } from '../../src/core/rollout.ts';
import { Bench, CANARY, SAME } from './support.ts';

const STEP = { min: '1s', max: '20s', inconclusive: 'pause' };
const WATCHED = { ...CANARY, step: STEP, guard: { error_rate: '+1%' } };
const POINT = { ...WATCHED, steps: [{ weight: '50%', pause: true }, '100%'] };

async function open(declared: JsonValue) {
  const bench = await Bench.open(declared);
  const board = new AnalysisBoard();
  const controller = bench.controller('a', board);
  const look = async () => {
    await controller.round();
    bench.clock.elapsed += 20_000;
    await controller.round();
    return board.analysis('next')!.summary;
  };
  return { bench, look };
}

describe('a paused rollout says why it is', () => {
  it('at a pause point, also once the time of the step would be up', async () => {
    const { bench, look } = await open(POINT);
    expect(await look()).toMatch(/^Paused at 50 %, a pause point: it waits for `resume` or `promote`\./);
    await bench.send(250, SAME);
    expect(await look()).toBe('Paused at 50 %, a pause point: it waits for `resume` or `promote`.');
  });

  it('by a person', async () => {
    const { bench, look } = await open(WATCHED);
    bench.clock.elapsed += 5_000;
    await bench.registry.execute('next', { verb: 'pause' }, { actor: 'api' });
    expect(await look()).toMatch(/^Paused at 50 % by hand: it waits for `resume` or `promote`\./);
  });

  it('by a person who set the weight', async () => {
    const { bench, look } = await open(POINT);
    await bench.registry.execute('next', { verb: 'set-weight', weight: 37 }, { actor: 'api' });
    expect(await look()).toMatch(/^Paused at 37 % by hand: /);
  });

  it('by a person after the pause point', async () => {
    const { bench, look } = await open(POINT);
    bench.clock.elapsed += 60_000;
    await bench.registry.execute('next', { verb: 'resume' }, { actor: 'api' });
    bench.clock.elapsed += 5_000;
    await bench.registry.execute('next', { verb: 'pause' }, { actor: 'api' });
    expect(await look()).toMatch(/^Paused at 50 % by hand: /);
  });

  it.each([
    ['a step', WATCHED],
    ['a pause point that was left', POINT],
  ])('because the time of %s was up', async (_, declared) => {
    const { bench, look } = await open(declared);
    if (bench.state().startsWith('paused')) {
      bench.clock.elapsed += 60_000;
      await bench.registry.execute('next', { verb: 'resume' }, { actor: 'api' });
    }
    await bench.send(250, SAME);
    expect(await look()).toBe(
      'Paused at 50 %: the time of the step was up without a clear answer; it waits for `resume` or `promote`.',
    );
  });

  it('and what speaks against it meanwhile', async () => {
    const { bench, look } = await open({ ...WATCHED, step: { ...STEP, max: '24h' } });
    bench.clock.elapsed += 5_000;
    await bench.registry.execute('next', { verb: 'pause' }, { actor: 'api' });
    await bench.send(60, { stable: 0, canary: 0.25 });
    expect(await look()).toMatch(/^Paused at 50 % by hand: .*\. Not for sure yet: error_rate is up/);
  });
});
