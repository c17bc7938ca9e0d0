import type { Generated } from 'kysely';
import type { RolloutPhase, RolloutState } from '../core/rollout.ts';
import type { RolloutEvent } from '../core/stores.ts';

/** The tables as the newest migration leaves them; column types that every supported database has. */
export interface Tables {
  sluice_migrations: AppliedMigration;
  /** Of `request_records`, which may stand in another database than the rest. */
  record_migrations: AppliedMigration;
  rollouts: RolloutRow;
  rollout_events: RolloutEventRow;
  rollout_revisions: RolloutRevisionRow;
  secrets: { name: string; value: string; created_at: number };
  leases: { name: string; holder: string; token: number; expires_at: number };
  /** Of each sender of batches the last number that was taken. */
  batch_senders: { sender: string; newest: number; at: number };
  outcome_batches: { id: Generated<number>; batch: string };
  evidence: { subject: string; snapshot: string };
  /** One row, with id 1. */
  evidence_position: { id: number; up_to: number };
  analyses: { subject: string; analysis: string; updated_at: number };
  counters: { name: string; value: number };
  api_keys: ApiKeyRow;
  api_key_secrets: ApiKeySecretRow;
  /** One row, with id 1: the newest change of all keys. */
  api_key_changes: { id: number; newest: number };
  audit_entries: { seq: number; kind: string; id: string; phase: string; entry: string; hash: string };
  audit_checkpoints: { size: number; note: string };
  audit_head: AuditHeadRow;
  objects: ObjectRow;
}

interface AppliedMigration {
  id: number;
  name: string;
  applied_at: number;
}

export interface ObjectRow {
  id: string;
  tenant: string;
  provider: string;
  account: string;
  expires_at: number | null;
}

/** One row, with id 1. */
interface AuditHeadRow {
  id: number;
  size: number;
  hash: string;
  /** Space-separated. */
  frontier: string;
  checkpoints: number;
  checkpoints_hash: string;
  checkpoint_size: number;
  checkpoint_at: number;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  /** JSON text. */
  declared: string;
  created_at: number;
  updated_at: number;
  revoked_at: number | null;
  version: number;
  change: number;
}

export interface ApiKeySecretRow {
  digest: string;
  key_id: string;
  prefix: string;
  created_at: number;
  valid_until: number | null;
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
  epoch: number;
  since: number;
  winner: string | null;
  salt_turn: number;
  revision: number;
  version: number;
  updated_at: number;
}

export interface RolloutEventRow {
  id: Generated<number>;
  kind: RolloutEvent['kind'];
  rollout: string;
  revision: number;
  action: string;
  actor: string;
  at: number;
  phase: RolloutPhase;
  weight: number;
  reason: string;
  /** JSON text. */
  detail: string | null;
}

interface RolloutRevisionRow {
  id: Generated<number>;
  rollout: string;
  revision: number;
  /** JSON text. */
  declared: string;
  at: number;
  actor: string;
}
