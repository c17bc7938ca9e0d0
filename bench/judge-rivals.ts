import type { Outcome } from '../src/core/outcome.ts';

/** A judge that is asked once a minute, as a controller does. */
export interface Rival {
  readonly name: string;
  begin(): { observe(outcome: Outcome): void; isAlarm(): boolean };
}

interface Window {
  readonly requests: [number, number];
  readonly errors: [number, number];
}

function newWindow(): Window {
  return { requests: [0, 0], errors: [0, 0] };
}

function count(window: Window, { arm, error }: Outcome): void {
  window.requests[arm]!++;
  if (error === true) window.errors[arm]!++;
}

/** The two-sample z-test of a textbook at 5 %, one-sided, looked at every minute. */
const peekedZ: Rival = {
  name: 'z-test, looked at each minute',
  begin() {
    const all = newWindow();
    return {
      observe: (outcome) => count(all, outcome),
      isAlarm: () => {
        const [n0, n1] = all.requests;
        const [x0, x1] = all.errors;
        const pooled = (x0 + x1) / (n0 + n1);
        const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1));
        return deviation > 0 && (x1 / n1 - x0 / n0) / deviation > 1.645;
      },
    };
  },
};

/** Minute by minute; `isBad` judges one minute, `limit` of them, counted over the run, are an alarm. */
function perMinute(name: string, limit: number, isBad: (window: Window) => boolean): Rival {
  return {
    name,
    begin() {
      let window = newWindow();
      let bad = 0;
      return {
        observe: (outcome) => count(window, outcome),
        isAlarm: () => {
          if (isBad(window)) bad++;
          window = newWindow();
          return bad >= limit;
        },
      };
    },
  };
}

/** @source fluxcd/flagger pkg/controller/scheduler.go: failed checks add up until the threshold */
const flagger = perMinute('Flagger, 2 % errors, threshold 5', 5, ({ requests: [, n1], errors: [, x1] }) => {
  return n1 > 0 && x1 / n1 > 0.02;
});

/** @source argoproj/argo-rollouts analysis: measurements that fail the condition, failureLimit 3 */
const argo = perMinute('Argo, 1.5 x stable, failureLimit 3', 4, ({ requests, errors }) => {
  return requests[1] > 0 && errors[1] / requests[1] > (1.5 * errors[0]) / requests[0];
});

export const RIVALS: readonly Rival[] = [peekedZ, flagger, argo];
