import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Rollout } from '../../src/core/rollout.ts';
import { FollowedRollouts } from '../../src/workers/followed-rollouts.ts';
import { freePort } from '../../src/workers/free-port.ts';
import { WholeLines } from '../../src/workers/whole-lines.ts';

describe('lines of a worker', () => {
  it('are handed on whole, however they come', () => {
    const written: string[] = [];
    const lines = new WholeLines((text) => void written.push(text));
    for (const text of ['{"a":1}\n{"b"', ':2}', '\n', '{"c":3}\n{"d":4}\n{']) lines.push(text);
    expect(written).toEqual(['{"a":1}\n', '{"b":2}\n', '{"c":3}\n{"d":4}\n']);
  });

  it('that never end do not fill the memory', () => {
    const written: string[] = [];
    const lines = new WholeLines((text) => void written.push(text));
    for (let mebibyte = 0; mebibyte < 3; mebibyte++) lines.push('x'.repeat(1024 * 1024));
    expect(written.map(({ length }) => length)).toEqual([2 * 1024 * 1024 + 1]);
  });
});

describe('rollouts of another process', () => {
  const rollout = (name: string, weight: number, salt = ''): Rollout =>
    ({ spec: { name, salt }, state: { weight }, revision: 1, version: weight, updatedAt: 0 }) as unknown as Rollout;

  it('keep the object of a declaration while it says the same', () => {
    const followed = new FollowedRollouts();
    followed.take([rollout('a', 5)]);
    const [before] = followed.current();
    followed.take(structuredClone([rollout('a', 25)]));
    const [after] = followed.current();
    expect(after!.spec).toBe(before!.spec);
    expect(after!.state.weight).toBe(25);
    followed.take([rollout('a', 25, 'other')]);
    expect(followed.current()[0]!.spec).not.toBe(before!.spec);
    followed.take([]);
    expect(followed.current()).toEqual([]);
  });
});

describe('the port of the workers', () => {
  it('is a free one where none is named', async () => {
    expect(await freePort('127.0.0.1', 0)).toBeGreaterThan(0);
  });

  it('is refused where somebody listens already, also one who would share it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', reusePort: true }, resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(freePort('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
  });
});
