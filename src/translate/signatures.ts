import { WIRES, type Wire } from '../core/translation.ts';
import type { Signature } from './conversation.ts';

/** Stands before signatures that a client keeps for another vendor than its own. */
const SEAL = 'sluice:';

/** As a client of the format `own` keeps it and sends it back. */
export function sealSignature({ wire, value }: Signature, own: Wire): string {
  return wire === own ? value : `${SEAL}${wire}:${value}`;
}

/** The counterpart: whose signature a client of the format `own` has sent. */
export function openSignature(text: string, own: Wire): Signature {
  const wire = text.startsWith(SEAL) ? WIRES.find((each) => text.startsWith(`${SEAL}${each}:`)) : undefined;
  return wire === undefined ? { wire: own, value: text } : { wire, value: text.slice(SEAL.length + wire.length + 1) };
}
