import type { Generated } from 'kysely';
import type { RolloutPhase, RolloutState } from '../core/rollout.ts';

/** The tables as the newest migration leaves them; column types that every supported database has. */
export interface Tables {
  sluice_migrations: { id: number; name: string; applied_at: number };
  rollouts: RolloutRow;
  rollout_events: RolloutEventRow;
  secrets: { name: string; value: string; created_at: number };
}

export interface RolloutRow {
  name: string;
  /** JSON text. */
  declared: string;
  config_hash: string | null;
  phase: RolloutPhase;
  step: number;
  weight: number;
  desired: RolloutState['desired'];
  revision: number;
  version: number;
  updated_at: number;
}

interface RolloutEventRow {
  id: Generated<number>;
  rollout: string;
  revision: number;
  action: string;
  actor: string;
  at: number;
  phase: RolloutPhase;
  weight: number;
  reason: string;
}
