import type { Command } from 'commander';
import type { AuditEntryView, AuditVerdict } from '../../core/audit.ts';
import { print } from '../common.ts';
import { openTrail, withTrailOptions, type Trail, type TrailOptions } from '../audit-trail.ts';
import { CliError } from '../errors.ts';
import { instant, table } from '../format.ts';
import { readLines, readText } from '../input.ts';
import type { Io } from '../io.ts';
import { wholeCount } from '../parse.ts';

/** How often a trail that is followed is asked for what is new. */
const FOLLOW_EVERY_MS = 500;

export function addAudit(program: Command, io: Io): void {
  const audit = program.command('audit').description('the trail of what was changed, decided and denied');
  addVerify(audit, io);
  addTail(audit, io);
  addExport(audit, io);
  addKey(audit, io);
}

function addVerify(audit: Command, io: Io): void {
  withTrailOptions(audit.command('verify').description('whether every entry is as it was written'))
    .option('--checkpoint <file>', 'also against checkpoints that were kept elsewhere; - for stdin')
    .option('--export <file>', 'what `audit export` wrote instead of a trail; - for stdin')
    .option('--part', 'with --export: some of its lines only, so that others may be missing')
    .option('--key <key>', 'the public key that they must be signed by, as `sluice audit key` told it before')
    .action(async (options: TrailOptions & VerifyOptions) => {
      if (options.export !== undefined) return verifyExport(options.export, options, io);
      const kept = options.checkpoint === undefined ? '' : await readText(options.checkpoint, io);
      await using trail = await openTrail(options, io);
      checkKey(options, trail.verifierKey);
      if (options.checkpoint !== undefined && kept.trim() === '')
        throw new CliError('unreadable', `"${options.checkpoint}" holds no checkpoint.`);
      const verdict = await trail.verify(kept);
      if (!verdict.ok) throw new CliError('audit_damaged', damage(verdict), { verdict });
      print(io, options, verdict, () => soundness(verdict));
    });
}

interface VerifyOptions {
  readonly checkpoint?: string;
  readonly export?: string;
  readonly part?: boolean;
  readonly key?: string;
}

async function verifyExport(file: string, options: TrailOptions & VerifyOptions, io: Io): Promise<void> {
  const { checkExport } = await import('../audit-export-check.ts');
  const verdict = await checkExport(readLines(file, io), options.part === true);
  checkKey(options, verdict.key);
  print(io, options, verdict, () => `ok: ${verdict.entries} entries, ${verdict.proved} of them under the checkpoint`);
}

/** Whoever writes a trail anew signs it with a key of their own, and only who knows the former one sees it. */
function checkKey({ key }: VerifyOptions, found: string): void {
  if (key !== undefined && key.trim() !== found)
    throw new CliError('audit_damaged', `The key of this trail is another one: ${found}`);
}

function damage({ problem, entries }: AuditVerdict): string {
  const { seq, what } = problem!;
  const where = seq === null ? 'The trail is not as it was written' : `The first bad entry is ${seq}: it`;
  return `${where}${seq === null ? ': ' : ' '}${what}. ${entries} entries before are whole.`;
}

function soundness({ entries, checkpoints, keptCheckpoints, root }: AuditVerdict): string {
  const kept = keptCheckpoints === 0 ? '' : ` and ${keptCheckpoints} kept elsewhere`;
  return `ok: ${entries} entries, ${checkpoints} checkpoints${kept}, root ${root}`;
}

function addTail(audit: Command, io: Io): void {
  withTrailOptions(audit.command('tail').description('the newest entries, oldest first'))
    .option('-n, --limit <count>', 'entries to show, 1 to 1000', '20')
    .option('-f, --follow', 'go on with what is written from now on')
    .option('--kind <kind>', 'only entries of this kind')
    .action(async (options: TrailOptions & TailOptions) => {
      const limit = wholeCount('--limit', options.limit);
      await using trail = await openTrail(options, io);
      const kind = options.kind;
      const newest = (await trail.entries({ limit, kind })).toReversed();
      if (options.follow !== true) return print(io, options, newest, () => entryTable(newest));
      await follow(trail, newest, options, io);
    });
}

interface TailOptions {
  readonly limit: string;
  readonly follow?: boolean;
  readonly kind?: string;
}

/** One line an entry, with `--json` one JSON value a line. */
async function follow(
  trail: Trail,
  newest: readonly AuditEntryView[],
  { json, kind }: TrailOptions & TailOptions,
  io: Io,
): Promise<void> {
  const tell = (entries: readonly AuditEntryView[]): void => {
    for (const each of entries)
      io.stdout.write(`${json === true ? JSON.stringify(each) : entryLine(each).join('  ')}\n`);
  };
  tell(newest);
  let after = newest.at(-1)?.seq ?? 0;
  const stopped = io.untilStopped().then(() => true);
  for (let isOver = false; !isOver;) {
    const page = await trail.entries({ after, limit: 1_000, kind });
    tell(page);
    after = page.at(-1)?.seq ?? after;
    isOver = await Promise.race([stopped, pause()]);
  }
}

function pause(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), FOLLOW_EVERY_MS));
}

function entryTable(entries: readonly AuditEntryView[]): string {
  if (entries.length === 0) return 'There is no entry.';
  return table(['SEQ', 'TIME (UTC)', 'KIND', 'PHASE', 'BY', 'SUBJECT'], entries.map(entryLine), ['SEQ']);
}

function entryLine({ seq, at, kind, phase, result, actor, subject }: AuditEntryView): string[] {
  return [String(seq), instant(at), kind, result === null ? phase : `${phase}: ${result}`, actor, subject];
}

function addExport(audit: Command, io: Io): void {
  withTrailOptions(
    audit.command('export').description('all entries as JSON lines, each with a proof, and the checkpoint at the end'),
  ).action(async (options: TrailOptions) => {
    const { exportLines } = await import('../audit-export.ts');
    await using trail = await openTrail(options, io);
    for await (const line of exportLines(trail)) io.stdout.write(`${JSON.stringify(line)}\n`);
  });
}

function addKey(audit: Command, io: Io): void {
  withTrailOptions(audit.command('key').description('the public key of checkpoints')).action(
    async (options: TrailOptions) => {
      await using trail = await openTrail(options, io);
      const { verifierKey: key } = trail;
      print(io, options, { key }, () => key);
    },
  );
}
