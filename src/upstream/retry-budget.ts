/**
 * Bounds the retries under way to a share of the requests under way, so that a failing provider is not hit with a
 * multiple of the normal load. @source Envoy `retry_budget`
 */
export class RetryBudget {
  private readonly fraction: number;
  private readonly minimum: number;
  private readonly inflight: () => number;
  private active = 0;

  constructor(config: { readonly fraction: number; readonly minimum: number }, inflight: () => number) {
    this.fraction = config.fraction;
    this.minimum = config.minimum;
    this.inflight = inflight;
  }

  /** Pair with `release` when the retry has its reply. */
  tryAcquire(): boolean {
    if (this.active >= Math.max(this.minimum, Math.floor(this.inflight() * this.fraction))) return false;
    this.active++;
    return true;
  }

  release(): void {
    this.active--;
  }
}
