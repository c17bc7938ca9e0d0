import type { Usage } from './load.ts';
import type { Pinning } from './machine.ts';
import { HAS_PROC } from './proc.ts';

const DISTURBED = 0.1; // share of the server's core that others may take before the reader is told

/** What about the machine, and about its other work, keeps the figures from being what they could be. */
export function conditionNotes(rounds: readonly { readonly usage: Usage }[], pinning: Pinning | null): string[] {
  const notes: string[] = [];
  const worst = Math.max(0, ...rounds.map(({ usage }) => usage.foreignShare ?? 0));
  // Their time is none of the server's CPU time, but it delays its replies.
  if (worst > DISTURBED) {
    notes.push(`other programs took up to ${Math.round(worst * 100)} % of the server's core: times in ms are unsafe`);
  }
  if (pinning === null) notes.push('no taskset or a single core: server, load and upstream shared the cores');
  if (!HAS_PROC) notes.push('no /proc on this system: CPU and RSS are left out');
  return notes;
}
