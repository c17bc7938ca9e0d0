import type { Command } from 'commander';
import type { AuditEntryView, AuditQuery, AuditVerdict, StoredCheckpoint } from '../core/audit.ts';
import { storeName } from '../core/store-url.ts';
import { adminClient, withCommonOptions, type CommonOptions } from './common.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

export interface TrailOptions extends CommonOptions {
  readonly store?: string;
}

/** A trail, of a gateway or of a store. */
export interface Trail extends AsyncDisposable {
  readonly verifierKey: string;
  entries(query: AuditQuery): Promise<readonly AuditEntryView[]>;
  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  verify(kept: string): Promise<AuditVerdict>;
}

/** For verbs that read the trail of a gateway, or of a store without one. */
export function withTrailOptions(command: Command): Command {
  const common = withCommonOptions(command);
  common.options.find(({ long }) => long === '--config')!.description =
    'read the store that this configuration names, without a gateway';
  return common.option('--store <store>', 'read this store, without a gateway: a path, sqlite:PATH or postgres://…');
}

/** @throws CliError where neither gateway nor store can be read */
export async function openTrail(options: TrailOptions, io: Io): Promise<Trail> {
  if (options.store !== undefined) return openFile(options.store);
  if (options.config === undefined) return openRemote(options, io);
  const { load } = await import('./verbs/check.ts');
  const { store, audit } = (await load(options.config, io)).config;
  return openFile(store, audit.checkpoints);
}

async function openRemote(options: TrailOptions, io: Io): Promise<Trail> {
  const client = adminClient(options, io);
  const get = async (path: string): Promise<unknown> => (await client.call('GET', `/api/v1/audit${path}`)).value;
  const { key } = (await get('/key')) as { readonly key: string };
  return {
    verifierKey: key,
    entries: async (query) => (await get(`?${new URLSearchParams(given(query))}`)) as AuditEntryView[],
    checkpoints: async (after, limit) =>
      (await get(`/checkpoints?after=${after}&limit=${limit}`)) as StoredCheckpoint[],
    verify: async (checkpoints) =>
      (await client.call('POST', '/api/v1/audit/verify', { checkpoints })).value as AuditVerdict,
    [Symbol.asyncDispose]: async () => {},
  };
}

function given(query: AuditQuery): Record<string, string> {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

/** Of an Ed25519 key. */
const SEED_BYTES = 32;

/** Nothing is written to it. @throws CliError */
async function openFile(path: string, checkpoints: string | null = null): Promise<Trail> {
  // Loaded when needed: most verbs only talk to a gateway and should start at once.
  const [{ openAuditEvidence }, { readEntries, verifyStore }, { NoteSigner }, { ORIGIN }] = await Promise.all([
    import('../store/open-audit-store.ts'),
    import('../audit/audit-reader.ts'),
    import('../audit/signed-note.ts'),
    import('../audit/checkpoint.ts'),
  ]);
  const { store, seed } = await openAuditEvidence(path).catch((error: unknown) => unreadable(path, error));
  if (seed === null || seed.length !== SEED_BYTES) {
    await store.close();
    throw new CliError('unreadable', `The store "${storeName(path)}" holds no key of an audit trail.`);
  }
  const { verifier } = new NoteSigner(seed, ORIGIN);
  const { CheckpointFile } = await import('../audit/checkpoint-file.ts');
  const own = new CheckpointFile(checkpoints);
  const read = <T>(reading: Promise<T>): Promise<T> => reading.catch((error: unknown) => unreadable(path, error));
  return {
    verifierKey: verifier.text,
    entries: (query) => read(readEntries(store, query)),
    checkpoints: (after, limit) => read(store.checkpoints(after, limit)),
    verify: (kept) => read(verifyStore(store, verifier, kept, own.newest(verifier.name))),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

function unreadable(store: string, error: unknown): never {
  throw new CliError(
    'unreadable',
    `The audit trail in "${storeName(store)}" cannot be read: ${(error as Error).message}`,
  );
}
