import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { Percent } from '../core/units.ts';

const RECORD_AND_SAMPLE: number = SamplingDecision.RECORD_AND_SAMPLED;

/** By the trace id, so that everybody who samples the same share samples the same traces. */
export class RatioSampler {
  readonly share: Percent;
  private readonly sampler: TraceIdRatioBasedSampler;

  constructor(share: Percent) {
    this.share = share;
    this.sampler = new TraceIdRatioBasedSampler(share / 100);
  }

  samples(traceId: string): boolean {
    return this.sampler.shouldSample(ROOT_CONTEXT, traceId).decision === RECORD_AND_SAMPLE;
  }
}
