import { hash } from 'node:crypto';

/** Leaves and nodes are hashed apart, so that neither can be taken for the other. @source RFC 9162, 2.1.1 */
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

export function leafHash(entry: string): Buffer {
  return sha256(Buffer.concat([LEAF, Buffer.from(entry, 'utf8')]));
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([NODE, left, right]));
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** All that has to be known of a tree to add to it: the hashes of its complete subtrees, largest first. */
export class MerkleFrontier {
  private readonly hashes: Buffer[];
  private count: number;

  constructor(size = 0, hashes: readonly string[] = []) {
    this.count = size;
    this.hashes = hashes.map((hex) => Buffer.from(hex, 'hex'));
  }

  get size(): number {
    return this.count;
  }

  add(leaf: Buffer): void {
    let hash = leaf;
    // Each subtree of the new one's size is joined with it. Not by bits: a size may be beyond 32 of them.
    for (let rest = this.count; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(this.hashes.pop()!, hash);
    this.hashes.push(hash);
    this.count++;
  }

  root(): Buffer {
    if (this.hashes.length === 0) return sha256(Buffer.alloc(0));
    return this.hashes.reduceRight((right, left) => nodeHash(left, right));
  }

  toHex(): readonly string[] {
    return this.hashes.map((hash) => hash.toString('hex'));
  }
}

/** A whole tree, for proofs that one entry is in it. 64 bytes an entry. */
export class MerkleTree {
  /** At each height the roots of the complete subtrees, in order. */
  private readonly levels: Buffer[][] = [[]];

  get size(): number {
    return this.levels[0]!.length;
  }

  add(leaf: Buffer): void {
    let hash = leaf;
    for (let height = 0; ; height++) {
      const level = (this.levels[height] ??= []);
      level.push(hash);
      if (level.length % 2 === 1) return;
      hash = nodeHash(level.at(-2)!, hash);
    }
  }

  /** The siblings on the way from the leaf up to the root of the tree of the first `size` leaves. @source RFC 9162, 2.1.3.1 */
  inclusionProof(index: number, size: number): readonly Buffer[] {
    const proof: Buffer[] = [];
    let from = 0;
    let to = size;
    while (to - from > 1) {
      const middle = from + largestPowerBelow(to - from);
      if (index < middle) {
        proof.push(this.rangeRoot(middle, to));
        to = middle;
      } else {
        proof.push(this.rangeRoot(from, middle));
        from = middle;
      }
    }
    return proof.toReversed();
  }

  /** @param from a multiple of the largest power of two that is in the range, as in every range that a proof needs */
  private rangeRoot(from: number, to: number): Buffer {
    const size = to - from;
    const height = Math.log2(size);
    if (Number.isInteger(height)) return this.levels[height]![from / size]!;
    const middle = from + largestPowerBelow(size);
    return nodeHash(this.rangeRoot(from, middle), this.rangeRoot(middle, to));
  }
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The root that a proof leads to; null where it has not the length that it must have. @source RFC 9162, 2.1.3.2 */
export function rootOfProof(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer | null {
  if (index >= size) return null;
  let at = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(sibling, root);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else root = nodeHash(root, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}
