import type { Admission, Grant } from './limits/admission.ts';
import { NANO_PER_USD, type Amounts } from './limits/subject.ts';
import type { OpenCall, SecondRequest } from './open-calls.ts';
import { costOf } from './outcome/cost.ts';
import type { HeldSecond, SecondRequests } from './upstream/attempt-once.ts';

/** Null: nothing of tokens or money is limited. */
export function secondRequests(open: OpenCall, admission: Admission): SecondRequests | null {
  const { grant } = open;
  if (grant === null || grant.worst === null) return null;
  return {
    reserve() {
      const made = admission.reserveSecond(grant);
      if (!(made instanceof Promise)) return made === null ? null : held(open, admission, made);
      return made.then((later) => (later === null ? null : held(open, admission, later)));
    },
  };
}

function held(open: OpenCall, admission: Admission, grant: Grant): HeldSecond {
  return {
    ended(lost) {
      if (lost === null) admission.settle(grant, NOTHING);
      else open.second = { grant, provider: lost.upstream.config.name, model: lost.model };
    },
  };
}

const NOTHING: Amounts = { tokens: 0, nanoUsd: 0 };

/**
 * What the request took that was ended: nobody tells. Its prompt was the same; of a reply that comes as a whole its provider
 * may have written as much as the other one, of a stream nothing had come.
 */
export function usedBySecond({ exchange, snapshot }: OpenCall, { grant, provider, model }: SecondRequest): Amounts {
  const { usage, wantsStream } = exchange;
  const { estimate, nanoUsd } = grant.worst!;
  if (usage === null) return { tokens: estimate.inputTokens + estimate.outputTokens, nanoUsd };
  const outputTokens = wantsStream ? 0 : usage.outputTokens;
  const price = snapshot.prices.find(provider, model);
  const cost = price === null ? 0 : costOf({ ...usage, outputTokens }, price);
  return { tokens: usage.inputTokens + outputTokens, nanoUsd: Math.round(cost * NANO_PER_USD) };
}
