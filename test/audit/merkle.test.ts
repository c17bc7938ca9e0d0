import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, MerkleFrontier, MerkleTree, rootOfProof } from '../../src/audit/merkle.ts';

/** The definitions of RFC 9162, 2.1.1 and 2.1.3.1, word for word. */
const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

function naiveRoot(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), Buffer.from(leaves[0]!));
  const k = split(leaves.length);
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naiveProof(m: number, leaves: readonly string[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naiveProof(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naiveProof(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

const leavesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `entry ${index}`);

function treeOf(leaves: readonly string[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leafHash(leaf));
  return tree;
}

const place = fc
  .integer({ min: 1, max: 200 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));

describe('the Merkle tree', () => {
  it('has the roots that the definition gives, at every size', () => {
    const frontier = new MerkleFrontier();
    const leaves = leavesOf(130);
    expect(frontier.root()).toEqual(naiveRoot([]));
    for (const [index, leaf] of leaves.entries()) {
      frontier.add(leafHash(leaf));
      expect(frontier.root()).toEqual(naiveRoot(leaves.slice(0, index + 1)));
    }
  });

  it('goes on from what was saved of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 40 }), (before, after) => {
        const leaves = leavesOf(before + after);
        const first = new MerkleFrontier();
        for (const leaf of leaves.slice(0, before)) first.add(leafHash(leaf));
        const second = new MerkleFrontier(before, first.toHex());
        for (const leaf of leaves.slice(before)) second.add(leafHash(leaf));
        expect(second.root()).toEqual(naiveRoot(leaves));
        expect(second.size).toBe(before + after);
      }),
      { seed: 9162, numRuns: 200 },
    );
  });

  it('gives the proofs of the definition, also for a tree that has grown since', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 50 }), ({ size, index }, more) => {
        const leaves = leavesOf(size + more);
        expect(treeOf(leaves).inclusionProof(index, size)).toEqual(naiveProof(index, leaves.slice(0, size)));
      }),
      { seed: 9162, numRuns: 300 },
    );
  });

  it('is proved by its proofs, and by no other leaf, place, size or proof', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ size, index }, random) => {
        const leaves = leavesOf(size);
        const root = naiveRoot(leaves);
        const proof = treeOf(leaves).inclusionProof(index, size);
        const leaf = leafHash(leaves[index]!);
        expect(rootOfProof(leaf, index, size, proof)).toEqual(root);
        expect(rootOfProof(leafHash('another'), index, size, proof)).not.toEqual(root);
        const elsewhere = (index + 1 + (random % size)) % (size + 1);
        expect(rootOfProof(leaf, elsewhere, size, proof)).not.toEqual(root);
        expect(rootOfProof(leaf, index, size, [...proof, root])).toBeNull();
        const shorter = size === 1 ? null : rootOfProof(leaf, index, size, proof.slice(1));
        const bent = proof.map((hash, at) => (at === random % proof.length ? leafHash('bent') : hash));
        const ofBent = size === 1 ? null : rootOfProof(leaf, index, size, bent);
        expect([shorter, ofBent]).not.toContainEqual(root);
      }),
      { seed: 9162, numRuns: 300 },
    );
  });

  it('proves nothing about a place that it has not', () => {
    expect(rootOfProof(leafHash('a'), 1, 1, [])).toBeNull();
  });
});
