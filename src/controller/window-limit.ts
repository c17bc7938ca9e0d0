interface Quota {
  left: number;
}

/**
 * Takes the first so many of each subject in a window. That is no fair sample of units: under load those of a faster arm
 * come back sooner and are among the first more often, which can look like a mismatch of the arms' shares.
 */
export class WindowLimit {
  private readonly perWindow: number;
  private readonly quotas = new Map<string, Quota>();

  constructor(perWindow: number) {
    this.perWindow = perWindow;
  }

  take(subject: string): boolean {
    let quota = this.quotas.get(subject);
    if (quota === undefined) this.quotas.set(subject, (quota = { left: this.perWindow }));
    if (quota.left === 0) return false;
    quota.left--;
    return true;
  }

  /** The next window begins. */
  renew(): void {
    for (const quota of this.quotas.values()) quota.left = this.perWindow;
  }
}
