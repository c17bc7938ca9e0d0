import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Milliseconds, Seconds } from '../core/units.ts';

/** The monitor's own timer: an idle loop shows this as its delay. */
const RESOLUTION: Milliseconds = 10;
const WINDOW: Milliseconds = 10_000;
const NANOSECONDS = 1e9;

/** How late the event loop runs, over the window before and the one under way: whoever asks, and however often. */
export class LoopLag {
  private current = measure();
  private previous: ReturnType<typeof measure> | null = null;
  private readonly rotation = setInterval(() => this.rotate(), WINDOW).unref();

  /** @param quantile in 0 to 1 */
  quantile(quantile: number): Seconds {
    const nanoseconds = Math.max(
      this.current.percentile(quantile * 100),
      this.previous?.percentile(quantile * 100) ?? 0,
    );
    return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION / 1000);
  }

  close(): void {
    clearInterval(this.rotation);
    this.current.disable();
  }

  private rotate(): void {
    this.current.disable();
    this.previous = this.current;
    this.current = measure();
  }
}

function measure() {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  return delay;
}
