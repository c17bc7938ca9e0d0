import type { Rollout } from '../core/rollout.ts';
import { CanaryEvidence, type CanaryEvidenceState } from './canary-evidence.ts';
import type { Evidence } from './evidence.ts';
import { ExperimentEvidence, type ExperimentEvidenceState } from './experiment-evidence.ts';
import { ShadowEvidence, type ShadowEvidenceState } from './shadow-evidence.ts';

/** @param saved what the evidence of the same rollout and epoch gave by `toJSON` */
export function createEvidence(rollout: Rollout, saved?: unknown): Evidence {
  if (rollout.spec.kind === 'shadow') return new ShadowEvidence(rollout, saved as ShadowEvidenceState | undefined);
  if (rollout.spec.kind === 'experiment')
    return new ExperimentEvidence(rollout, saved as ExperimentEvidenceState | undefined);
  return new CanaryEvidence(rollout, saved as CanaryEvidenceState | undefined);
}
