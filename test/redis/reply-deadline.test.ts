import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReplyDeadline } from '../../src/redis/reply-deadline.ts';

describe('replies that are waited for', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const never = () => new Promise<never>(() => undefined);
  const outcome = (reply: Promise<unknown>) =>
    reply.then(
      () => 'came',
      () => 'late',
    );

  it('are given up after the same time each, and told apart from those that came', async () => {
    const deadline = new ReplyDeadline(250);
    const first = outcome(deadline.wait(never()));
    await vi.advanceTimersByTimeAsync(100);
    const came = outcome(deadline.wait(Promise.resolve(1)));
    const second = outcome(deadline.wait(never()));
    await vi.advanceTimersByTimeAsync(151);
    expect(await Promise.race([second, first])).toBe('late');
    expect(await came).toBe('came');
    expect(await Promise.race([second, Promise.resolve('waits')])).toBe('waits');
    await vi.advanceTimersByTimeAsync(100);
    expect(await second).toBe('late');
  });

  it('take one timer among them, and none when nobody waits', async () => {
    const deadline = new ReplyDeadline(250);
    for (let reply = 0; reply < 5; reply++) void outcome(deadline.wait(never()));
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(251);
    expect(vi.getTimerCount()).toBe(0);
    await deadline.wait(Promise.resolve(1));
    await vi.advanceTimersByTimeAsync(251);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are looked for once more after a pause of the process', async () => {
    const deadline = new ReplyDeadline(250);
    let arrive!: () => void;
    const reply = outcome(deadline.wait(new Promise<void>((resolve) => (arrive = resolve))));
    setTimeout(() => setImmediate(arrive), 249); // read in the turn after the pause, when timers have had theirs
    vi.advanceTimersByTime(250);
    expect(await reply).toBe('came');
  });
});
