import { isDeepStrictEqual } from 'node:util';
import type { Analysis, AnalysisView, Regression } from '../core/analysis.ts';
import type { StoredAnalysis } from '../core/stores.ts';
import type { Patience } from './outcome-buffer.ts';

/** What the controller publishes of a rollout. */
export interface PublishedAnalysis {
  readonly analysis: Analysis;
  readonly patience: Patience | null;
}

const ROLLOUT = 'rollout:';
export const REGRESSIONS = 'regressions';

export function rolloutSubject(name: string): string {
  return `${ROLLOUT}${name}`;
}

/** What the controller, here or on another gateway, has published last. */
export class AnalysisBoard implements Omit<AnalysisView, 'pairs' | 'budget'> {
  private shown: readonly StoredAnalysis[] = [];
  private byRollout: ReadonlyMap<string, PublishedAnalysis> = new Map();
  private patiences: ReadonlyMap<string, Patience> = new Map();
  private ofRoutes: readonly Regression[] = [];

  analysis(rollout: string): Analysis | null {
    return this.byRollout.get(rollout)?.analysis ?? null;
  }

  analyses(): readonly Analysis[] {
    return [...this.byRollout.values()].map(({ analysis }) => analysis);
  }

  regressions(): readonly Regression[] {
    return this.ofRoutes;
  }

  /** Asked on each look at an open request. */
  patienceOf(rollout: string): Patience | null {
    return this.byRollout.get(rollout)?.patience ?? null;
  }

  /** Of all rollouts that have one: for processes that see no analyses. The same map until one has changed. */
  get patience(): ReadonlyMap<string, Patience> {
    return this.patiences;
  }

  /** Takes over what the store holds; the same list again changes nothing. */
  show(stored: readonly StoredAnalysis[]): void {
    if (stored === this.shown) return;
    this.shown = stored;
    const rollouts = stored.filter(({ subject }) => subject.startsWith(ROLLOUT));
    this.byRollout = new Map(
      rollouts.map(({ subject, analysis }) => [
        subject.slice(ROLLOUT.length),
        JSON.parse(analysis) as PublishedAnalysis,
      ]),
    );
    const patiences = patiencesOf(this.byRollout);
    if (!isDeepStrictEqual(patiences, this.patiences)) this.patiences = patiences;
    const routes = stored.find(({ subject }) => subject === REGRESSIONS);
    this.ofRoutes = routes === undefined ? [] : (JSON.parse(routes.analysis) as readonly Regression[]);
  }
}

function patiencesOf(published: ReadonlyMap<string, PublishedAnalysis>): ReadonlyMap<string, Patience> {
  return new Map(
    [...published].flatMap(([name, { patience }]) => (patience === null ? [] : [[name, patience] as const])),
  );
}
