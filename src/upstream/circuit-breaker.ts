import type { CircuitBreakerConfig } from '../core/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';

type CircuitState = 'closed' | 'open' | 'half_open';

/**
 * Ejects one target after failures in a row; when the time is up one request probes it. The n-th ejection in a row lasts
 * n times as long, as Envoy's outlier detection has it.
 */
export class CircuitBreaker {
  private readonly config: CircuitBreakerConfig;
  private readonly clock: Clock;
  private failuresInRow = 0;
  private ejections = 0;
  private openUntil: Milliseconds = 0;
  private isProbing = false;

  constructor(config: CircuitBreakerConfig, clock: Clock) {
    this.config = config;
    this.clock = clock;
  }

  get state(): CircuitState {
    if (this.ejections === 0) return 'closed';
    return this.clock.now() < this.openUntil ? 'open' : 'half_open';
  }

  /** Whether a request may go there now; in the half-open state the first one is let through as the probe. */
  tryAcquire(): boolean {
    const { state } = this;
    if (state === 'closed') return true;
    if (state === 'open' || this.isProbing) return false;
    this.isProbing = true;
    return true;
  }

  /** A reply has begun: another probe may go. Whether the target is healthy shows at the reply's end. */
  answered(): void {
    this.isProbing = false;
  }

  /** A reply came to its end. */
  succeeded(): void {
    this.failuresInRow = 0;
    this.ejections = 0;
    this.isProbing = false;
  }

  failed(): void {
    const { state } = this;
    this.failuresInRow++;
    this.isProbing = false;
    if (state === 'half_open' || (state === 'closed' && this.failuresInRow >= this.config.failures)) this.eject();
  }

  /** The request ended without telling anything about the target: the next one may probe. */
  undecided(): void {
    this.isProbing = false;
  }

  private eject(): void {
    this.ejections++;
    const duration = Math.min(this.config.ejection * this.ejections, this.config.maxEjection);
    this.openUntil = this.clock.now() + duration;
  }
}
