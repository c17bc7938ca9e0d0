interface Quota {
  left: number;
}

/** Takes the first so many of each subject in a window: enough where nobody compares one half of them with the other. */
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
