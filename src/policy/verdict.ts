import { GatewayError } from '../core/errors.ts';
import type { PolicyAction } from '../core/policy.ts';
import { READERS, type PolicyFacts } from './facts.ts';
import type { Rule } from './rule.ts';

/** Why a rule refuses. */
export interface Refusal {
  readonly action: PolicyAction;
  readonly error: GatewayError;
}

/**
 * False: the rule does not apply. True: it applies and refuses nothing. A rule that cannot be judged refuses, unless all
 * that it does is to tell.
 */
export function verdictOf(rule: Rule, facts: PolicyFacts): Refusal | boolean {
  try {
    if (!rule.condition.holds(facts)) return false;
    return refusalOf(rule, facts) ?? true;
  } catch {
    return { action: 'error', error: denial(rule, 'The request could not be judged') };
  }
}

function refusalOf(rule: Rule, facts: PolicyFacts): Refusal | null {
  const { config } = rule;
  if (config.deny !== null) return refusal(denial(rule, config.deny));
  for (const name of config.require)
    if ((facts.call.metadata.get(name) ?? '') === '')
      return refusal(
        denial(rule, `The request must bring the metadata "${name}", e.g. by the x-sluice-metadata header`),
      );
  const tool = rule.tools === null ? null : refusedTool(rule.tools, READERS['request.tools'](facts));
  if (tool !== null) return refusal(denial(rule, `The tool "${printable(tool)}" is not allowed`));
  if (!config.approve) return null;
  const message = `The request needs approval before it may be sent (policy "${rule.name}").`;
  return { action: 'approval_required', error: new GatewayError('approval_required', message) };
}

function refusal(error: GatewayError): Refusal {
  return { action: 'deny', error };
}

function denial(rule: Rule, why: string): GatewayError {
  return new GatewayError('policy_denied', `${why.replace(/[.\s]+$/, '')} (policy "${rule.name}").`);
}

function refusedTool({ allow, deny }: NonNullable<Rule['tools']>, names: readonly string[]): string | null {
  for (const name of names) {
    if (deny.some((matches) => matches(name))) return name;
    if (allow !== null && !allow.some((matches) => matches(name))) return name;
  }
  return null;
}

/** A name for a message: bounded, and no control or look-alike characters into logs and terminals. */
function printable(name: string): string {
  return name.slice(0, 64).replace(/[^\x21-\x7e]/g, '?');
}
