import type { AuditHead, AuditRecord, AuditStore, AuditTransaction, StoredAuditEntry } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';
import { chainEntry, linkHash } from './chain.ts';
import { signCheckpoint } from './checkpoint.ts';
import { leafHash, MerkleFrontier } from './merkle.ts';
import type { NoteSigner } from './signed-note.ts';

/** When the tree is signed: after so many entries, or so long after the last one where there are new ones. */
export interface CheckpointEvery {
  readonly entries: number;
  readonly time: Milliseconds;
}

interface Appended {
  /** How many were new. */
  readonly written: number;
  /** Signed on this occasion; null: none was due. */
  readonly checkpoint: string | null;
}

export interface Signed {
  /** Signed on this occasion. */
  readonly note: string | null;
  /** Every entry is under a checkpoint. */
  readonly isSigned: boolean;
}

/** Appends to the chain of a store: each call is one transaction, which reads the head that others may have moved. */
export class ChainWriter {
  private readonly store: AuditStore;
  private readonly signer: NoteSigner;
  private readonly every: CheckpointEvery;
  private readonly clock: Clock;
  /** As this writer left it; another process may have moved it since. */
  private last: AuditHead | null = null;

  constructor(store: AuditStore, signer: NoteSigner, every: CheckpointEvery, clock: Clock) {
    this.store = store;
    this.signer = signer;
    this.every = every;
    this.clock = clock;
  }

  /** @param mayBeKnown an earlier attempt may have written them, or some */
  append(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Appended> {
    // Hashed before the lock is taken: while it is held, whoever serves would wait for it with other writes.
    const expected = mayBeKnown ? null : this.last;
    const prepared = expected === null ? null : chained(records, expected);
    return this.store.exclusively(async (transaction) => {
      const before = await transaction.head();
      const isExpected = prepared !== null && isSame(before, expected!);
      const fresh = mayBeKnown ? await unknownOf(records, transaction) : records;
      const { entries, head } = isExpected ? prepared : chained(fresh, before);
      await transaction.addEntries(entries);
      const due = this.isDue(head) ? this.sign(head) : null;
      if (due !== null) await transaction.addCheckpoint({ size: head.size, note: due.note });
      await transaction.setHead(due?.head ?? head);
      this.last = due?.head ?? head;
      return { written: entries.length, checkpoint: due?.note ?? null };
    });
  }

  /** Signs what is not signed yet. @param force also where it is not due */
  async checkpoint(force: boolean): Promise<Signed> {
    // Read first without the lock: mostly there is nothing to do.
    const now = await this.store.head();
    if (now !== null && !this.isWanted(now, force)) return { note: null, isSigned: now.size === now.checkpointSize };
    return this.store.exclusively(async (transaction) => {
      const before = await transaction.head();
      if (!this.isWanted(before, force)) return { note: null, isSigned: before.size === before.checkpointSize };
      const { head, note } = this.sign(before);
      await transaction.addCheckpoint({ size: head.size, note });
      await transaction.setHead(head);
      return { note, isSigned: true };
    });
  }

  private isWanted(head: AuditHead, force: boolean): boolean {
    return head.size > head.checkpointSize && (force || this.isDue(head));
  }

  private isDue({ size, checkpointSize, checkpointAt }: AuditHead): boolean {
    if (size === checkpointSize) return false;
    return size - checkpointSize >= this.every.entries || this.clock.wall() - checkpointAt >= this.every.time;
  }

  private sign(head: AuditHead): { readonly head: AuditHead; readonly note: string } {
    const { size, frontier, checkpoints, checkpointsHash } = head;
    const now = this.clock.wall();
    const note = signCheckpoint(this.signer, size, new MerkleFrontier(size, frontier).root(), now);
    const signed = {
      checkpoints: checkpoints + 1,
      checkpointsHash: linkHash(checkpointsHash, note),
      checkpointSize: size,
      checkpointAt: now,
    };
    return { head: { ...head, ...signed }, note };
  }
}

function isSame(one: AuditHead, other: AuditHead): boolean {
  return one.hash === other.hash && one.size === other.size && one.checkpoints === other.checkpoints;
}

function chained(records: readonly AuditRecord[], before: AuditHead): { entries: StoredAuditEntry[]; head: AuditHead } {
  const tree = new MerkleFrontier(before.size, before.frontier);
  let { hash } = before;
  const entries = records.map((record) => {
    const entry = chainEntry(record, tree.size + 1, hash);
    tree.add(leafHash(entry.entry));
    ({ hash } = entry);
    return entry;
  });
  return { entries, head: { ...before, size: tree.size, hash, frontier: tree.toHex() } };
}

/** Also without those that stand twice among them. */
async function unknownOf(records: readonly AuditRecord[], transaction: AuditTransaction): Promise<AuditRecord[]> {
  const known = new Set(await transaction.known([...new Set(records.map(({ id }) => id))]));
  return records.filter(({ id, phase }) => {
    const name = `${id}/${phase}`;
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}
