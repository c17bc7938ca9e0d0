import { describe, expect, it } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import type { Trial } from '../../src/core/outcome.ts';
import type { Goal } from '../../src/core/rollout.ts';
import { FeedbackBook } from '../../src/outcome/feedback-book.ts';
import { rollout } from '../rollout/fixtures.ts';

const UP = JSON.parse('{"feedback":"up","better":"higher","then":"announce"}') as Goal;

function trial(name: string, goal: Goal | null): Trial {
  const made = rollout({ name, kind: 'experiment' }, { epoch: 3 });
  return { rollout: { ...made, spec: { ...made.spec, goal } }, arm: 1, unit: '0123456789abcdef' };
}

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function request(number: number, trials: readonly Trial[], key = 'dev'): Exchange {
  const exchange = new Exchange(id(number), 'chat', 'openai', 0, 0);
  return Object.assign(exchange, { keyName: key, trials });
}

const give = (book: FeedbackBook, number: number, name = 'up', key = 'dev') =>
  book.entryFor({ requestId: id(number), name, value: true }, key, 9);

describe('feedback', () => {
  it('finds the arms of its request', () => {
    const book = new FeedbackBook();
    book.add(request(1, [trial('a', UP), trial('b', null)]));
    expect(give(book, 1)).toEqual({
      kind: 'feedback',
      requestId: id(1),
      at: 9,
      name: 'up',
      value: 1,
      key: 'dev',
      trials: ['a', 'b'].map((rollout) => ({ rollout, epoch: 3, arm: 1, unit: '0123456789abcdef' })),
    });
  });

  it('is known where its request was served, whosever it is', () => {
    const book = new FeedbackBook();
    book.add(request(1, [trial('a', UP)]));
    expect([book.knows(id(1)), book.knows(id(2))]).toEqual([true, false]);
    expect(give(book, 1, 'up', 'another')).toBeNull();
  });

  it('is a number: true is 1, false 0', () => {
    const book = new FeedbackBook();
    const valueOf = (value: boolean | number) =>
      book.entryFor({ requestId: id(1), name: 'up', value }, 'dev', 9)!.value;
    expect([true, false, 4.5].map(valueOf)).toEqual([1, 0, 4.5]);
  });

  it('of another key says nothing, and tells nothing', () => {
    const book = new FeedbackBook();
    book.add(request(1, [trial('a', UP)]));
    expect(give(book, 1, 'up', 'other')).toBeNull();
  });

  it('for a request of another gateway goes to the controller, one for an id nobody made does not', () => {
    const book = new FeedbackBook();
    expect(give(book, 1)).toMatchObject({ requestId: id(1), key: 'dev', trials: null });
    expect(book.entryFor({ requestId: 'made-up', name: 'up', value: 1 }, 'dev', 9)).toBeNull();
  });

  it('is remembered of so many requests at least, and of twice as many at most', () => {
    const book = new FeedbackBook(10);
    for (let number = 0; number < 35; number++) book.add(request(number, [trial('a', UP)]));
    const known = Array.from({ length: 35 }, (_, number) => number).filter(
      (number) => give(book, number)!.trials !== null,
    );
    expect(known).toEqual(Array.from({ length: 15 }, (_, index) => 20 + index));
  });

  it('is remembered for the requests of a canary that are judged, and takes no room for others', () => {
    const book = new FeedbackBook(1);
    book.add(request(1, [trial('a', UP)]));
    for (let number = 2; number < 9; number++) book.add(request(number, [trial('b', null)]));
    expect(give(book, 1)!.trials).toHaveLength(1);
    expect(give(book, 2)!.trials).toBeNull();
    const trials = [trial('b', null)];
    book.add(Object.assign(request(10, trials), { judged: trials }));
    expect(give(book, 10)!.trials).toMatchObject([{ rollout: 'b' }]);
  });
});
