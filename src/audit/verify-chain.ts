import {
  DamagedStoreError,
  EMPTY_AUDIT_HEAD,
  type AuditHead,
  type AuditProblem,
  type AuditStore,
  type AuditVerdict,
  type StoredAuditEntry,
  type StoredCheckpoint,
} from '../core/audit.ts';
import type { JsonValue } from '../core/rollout.ts';
import { canonicalJson } from './canonical-json.ts';
import { linkHash } from './chain.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import { leafHash, MerkleFrontier } from './merkle.ts';
import type { NoteVerifier } from './signed-note.ts';

/** Entries that are read at once: whoever shares the thread or the store gets a turn after each. */
const PAGE = 500;
/** Below every number, so that what was put in before the first is seen. */
const LOWEST = Number.MIN_SAFE_INTEGER;

interface VerifyInput {
  readonly store: Pick<AuditStore, 'entries' | 'checkpoints' | 'head'>;
  readonly verifier: NoteVerifier;
  /** Checkpoints that were kept elsewhere. */
  readonly kept: readonly string[];
  /** Called after each page. */
  breathe(): Promise<void>;
}

interface Due {
  readonly checkpoint: Checkpoint;
  readonly isKept: boolean;
}

/**
 * Walks the chain from its first entry and finds the first that is not as it was written: changed, removed, put in,
 * moved or cut off; then whether head and checkpoints belong to it.
 */
export async function verifyChain(input: VerifyInput): Promise<AuditVerdict> {
  const walk = new ChainWalk(input);
  const problem = await walk.run();
  const { entries, checkpoints, keptCheckpoints, root } = walk;
  return { ok: problem === null, entries, checkpoints, keptCheckpoints, root: root.toString('base64'), problem };
}

class ChainWalk {
  checkpoints = 0;
  keptCheckpoints = 0;
  private readonly input: VerifyInput;
  private readonly tree = new MerkleFrontier();
  private hash = EMPTY_AUDIT_HEAD.hash;
  private checkpointsHash = EMPTY_AUDIT_HEAD.checkpointsHash;
  private storedCheckpointSize = 0;
  private storedCheckpointAt = EMPTY_AUDIT_HEAD.checkpointAt;
  /** Smallest first. */
  private due: Due[] = [];
  private provenSize = 0;

  constructor(input: VerifyInput) {
    this.input = input;
  }

  get entries(): number {
    return this.tree.size;
  }

  get root(): Buffer {
    return this.tree.root();
  }

  async run(): Promise<AuditProblem | null> {
    try {
      return await this.runThrough();
    } catch (error) {
      if (error instanceof DamagedStoreError) return about(null, `the store is damaged: ${error.message}`);
      throw error;
    }
  }

  private async runThrough(): Promise<AuditProblem | null> {
    // First, as others may go on writing: what is beyond it is not looked at.
    const head = await this.input.store.head();
    if (head === null) return about(null, 'the head of the chain is missing');
    if (!isHead(head)) return about(null, 'the head of the chain is not one that was written');
    const stored = await this.readCheckpoints(head);
    const kept = this.readKept();
    const signed = stored ?? kept;
    const found = (await this.walk(head)) ?? this.checkHead(head) ?? this.checkBeyond();
    // An entry says more than a checkpoint: it is named first.
    if (found !== null && (signed === null || found.seq !== null)) return found;
    return signed ?? this.checkNothingBeyond(head);
  }

  private async readCheckpoints(head: AuditHead): Promise<AuditProblem | null> {
    const { store, verifier, breathe } = this.input;
    let after = LOWEST;
    while (this.checkpoints < head.checkpoints) {
      const page = await store.checkpoints(after, Math.min(PAGE, head.checkpoints - this.checkpoints));
      if (page.length === 0)
        return about(null, `there were ${head.checkpoints} checkpoints, and ${this.checkpoints} are left`);
      for (const each of page) {
        const problem = this.readCheckpoint(each, verifier);
        if (problem !== null) return problem;
        after = each.size;
      }
      await breathe();
    }
    const isSame =
      this.checkpointsHash === head.checkpointsHash &&
      this.storedCheckpointSize === head.checkpointSize &&
      this.storedCheckpointAt === head.checkpointAt;
    return isSame ? null : about(null, 'the checkpoints are not those that were written');
  }

  private readCheckpoint({ size, note }: StoredCheckpoint, verifier: NoteVerifier): AuditProblem | null {
    const checkpoint = typeof note === 'string' ? openCheckpoint(verifier, note) : null;
    if (checkpoint === null)
      return about(null, `the checkpoint at ${size} entries has no valid signature of ${verifier.name}`);
    if (checkpoint.size !== size) return about(null, `the checkpoint of ${checkpoint.size} entries stands at ${size}`);
    this.due.push({ checkpoint, isKept: false });
    this.checkpoints++;
    this.storedCheckpointSize = size;
    this.storedCheckpointAt = Date.parse(checkpoint.at);
    this.checkpointsHash = linkHash(this.checkpointsHash, note);
    return null;
  }

  /** One that is none hides nothing that the others show. */
  private readKept(): AuditProblem | null {
    const { kept, verifier } = this.input;
    let problem: AuditProblem | null = null;
    for (const [index, note] of kept.entries()) {
      const checkpoint = openCheckpoint(verifier, note);
      if (checkpoint !== null) this.due.push({ checkpoint, isKept: true });
      else
        problem ??= about(
          null,
          `the checkpoint ${index + 1} that was kept is not one that ${verifier.name} has signed`,
        );
    }
    this.due.sort((a, b) => a.checkpoint.size - b.checkpoint.size);
    return problem;
  }

  private async walk(head: AuditHead): Promise<AuditProblem | null> {
    const first = this.checkDue();
    if (first !== null) return first;
    let after = LOWEST;
    while (this.tree.size < head.size) {
      const page = await this.readPage(after);
      if (page === null) return about(this.tree.size + 1, 'cannot be read: the store is damaged');
      for (const stored of page) {
        if (this.tree.size === head.size) return null;
        const problem = this.take(stored) ?? this.checkDue();
        if (problem !== null) return problem;
        after = stored.seq;
      }
      if (page.length === 0) return about(this.tree.size + 1, `is cut off: the chain had ${head.size} entries`);
      await this.input.breathe();
    }
    return null;
  }

  /** Where the store is damaged as much as can be read of it; null: the very next one cannot. */
  private async readPage(after: number): Promise<readonly StoredAuditEntry[] | null> {
    for (const limit of [PAGE, 1]) {
      try {
        return await this.input.store.entries({ after, limit });
      } catch (error) {
        if (!(error instanceof DamagedStoreError)) throw error;
      }
    }
    return null;
  }

  private take(stored: StoredAuditEntry): AuditProblem | null {
    const seq = this.tree.size + 1;
    if (stored.seq > seq) return about(seq, 'is missing');
    if (stored.seq < seq) return about(stored.seq, 'was put in');
    const problem = whatIsWrong(stored);
    if (problem !== null) return about(seq, problem);
    if (linkHash(this.hash, stored.entry) !== stored.hash) return about(seq, 'is not what its hash says');
    this.hash = stored.hash;
    this.tree.add(leafHash(stored.entry));
    return null;
  }

  private checkDue(): AuditProblem | null {
    while (this.due[0]?.checkpoint.size === this.tree.size) {
      const { checkpoint, isKept } = this.due.shift()!;
      if (!checkpoint.root.equals(this.tree.root())) return this.otherRoot(checkpoint, isKept);
      this.provenSize = checkpoint.size;
      if (isKept) this.keptCheckpoints++;
    }
    return null;
  }

  /** The chain is whole and yet another: whoever wrote it anew could not sign, or not change what was kept. */
  private otherRoot({ size, at }: Checkpoint, isKept: boolean): AuditProblem {
    const which = isKept ? 'that was kept ' : '';
    return about(
      this.provenSize + 1,
      `or one up to ${size} was changed: the checkpoint ${which}of ${at} at ${size} entries has another root`,
    );
  }

  private checkHead(head: AuditHead): AuditProblem | null {
    if (head.hash !== this.hash) return about(this.tree.size, 'is not the one that the head names');
    const frontier = this.tree.toHex();
    const isSame = head.frontier.length === frontier.length && head.frontier.every((hash, at) => hash === frontier[at]);
    return isSame ? null : about(null, 'the tree of the head is not that of the entries');
  }

  private checkBeyond(): AuditProblem | null {
    const [first] = this.due;
    if (first === undefined) return null;
    const { size, at } = first.checkpoint;
    return about(this.tree.size + 1, `is cut off: the checkpoint of ${at} is over ${size} entries`);
  }

  /** What stands behind the head was put in, unless the head has moved on. */
  private async checkNothingBeyond(head: AuditHead): Promise<AuditProblem | null> {
    const { store } = this.input;
    const [beyond] = await store.entries({ after: head.size, limit: 1 });
    const [checkpoint] = await store.checkpoints(head.checkpointSize, 1);
    const now = await store.head();
    if (beyond !== undefined && now?.size === head.size) return about(beyond.seq, 'was put in behind the head');
    if (checkpoint !== undefined && now?.checkpoints === head.checkpoints)
      return about(null, `the checkpoint at ${checkpoint.size} entries was put in`);
    return null;
  }
}

function about(seq: number | null, what: string): AuditProblem {
  return { seq, what };
}

/** A store takes anything in any column. */
function isHead({ size, hash, checkpoints, checkpointsHash, checkpointSize, checkpointAt }: AuditHead): boolean {
  const isCounted = [size, checkpoints, checkpointSize, checkpointAt].every(
    (each) => Number.isSafeInteger(each) && each >= 0,
  );
  return isCounted && [hash, checkpointsHash].every((each) => typeof each === 'string');
}

/** The text is the one canonical text of what it says, and the columns beside it say the same. */
function whatIsWrong({ seq, kind, id, phase, entry }: StoredAuditEntry): string | null {
  let value: { readonly [name: string]: JsonValue };
  try {
    value = JSON.parse(entry) as typeof value;
    if (canonicalJson(value) !== entry) return 'is not canonical JSON';
  } catch {
    return 'is not canonical JSON';
  }
  const isSame = value['seq'] === seq && value['kind'] === kind && value['id'] === id && value['phase'] === phase;
  return isSame ? null : 'is another one than its columns say';
}
