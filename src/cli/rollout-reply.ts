import type { Analysis } from '../core/analysis.ts';
import { percent } from './format.ts';

/** What the control plane tells of a rollout, as far as people read it. */
export interface RolloutReply {
  readonly name: string;
  readonly kind: 'canary' | 'experiment' | 'shadow';
  readonly revision: number;
  readonly phase: 'progressing' | 'paused' | 'healthy' | 'degraded';
  readonly step: number;
  readonly weight: number;
  readonly arms: readonly { readonly name: string; readonly target: string | null; readonly weight: number }[];
  readonly match: {
    readonly model: string | null;
    readonly key: string | null;
    readonly metadata: Readonly<Record<string, string>>;
  };
  readonly sticky: readonly string[];
  readonly salt: string;
  readonly steps: readonly number[];
  readonly pausePoints: readonly number[];
  readonly holdback: { readonly weight: number; readonly for: number } | null;
  readonly layer: { readonly name: string; readonly from: number; readonly to: number } | null;
  readonly goal: { readonly feedback: string; readonly better: string; readonly then: string } | null;
  readonly winner: string | null;
  /** When it came to this weight. */
  readonly since: string;
  readonly updatedAt: string;
  /** Only the gateway that was asked knows of the abort yet. */
  readonly pending?: true;
  readonly declared: Readonly<Record<string, unknown>>;
}

/** As in `Analysis`, with the time as ISO 8601. */
export type AnalysisReply = Omit<Analysis, 'at'> & { readonly at: string; readonly budget: BudgetReply | null };

export interface BudgetReply {
  readonly usd: number;
  readonly spentUsd: number;
  readonly remainingUsd: number;
  readonly resetsAt: string;
}

export interface RolloutEventReply {
  readonly revision: number;
  readonly action: string;
  readonly actor: string;
  readonly at: string;
  readonly phase: string;
  readonly weight: number;
  readonly reason: string;
  readonly detail: unknown;
}

export interface RevisionReply {
  readonly revision: number;
  readonly at: string;
  readonly actor: string;
  readonly declared: Readonly<Record<string, unknown>>;
}

export function rolloutPath(name: string, verb = ''): string {
  const path = `/api/v1/rollouts/${encodeURIComponent(name)}`;
  return verb === '' ? path : `${path}/${verb}`;
}

/** One line: `fast-v2: paused, canary 37 %`. */
export function oneLine({ name, kind, phase, weight }: RolloutReply): string {
  if (kind === 'shadow') return `${name}: shadow, ${phase}`;
  return `${name}: ${phase}, ${kind === 'canary' ? 'canary' : 'taking part'} ${percent(weight)}`;
}
