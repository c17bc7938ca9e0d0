import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AdminClient } from '../admin-client.ts';
import { SseParser, type SseEvent } from '../../core/sse.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { parseDuration } from '../parse.ts';
import { rolloutPath, type AnalysisReply, type RolloutEventReply, type RolloutReply } from '../rollout-reply.ts';
import { statusScreen } from '../status-screen.ts';

const RECENT_EVENTS = 3;
const REDRAW_EVERY_MS = 1_000;
/** Cursor home, and clear what is there. @source ECMA-48 */
const CLEAR = '\x1b[H\x1b[2J';
const MAX_EVENT_BYTES = 1024 * 1024;

interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
  readonly timeout?: string;
}

interface Look {
  readonly rollout: RolloutReply;
  readonly analysis: AnalysisReply;
  readonly screen: string;
}

export function addStatus(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('status').description('what is happening, why and how long still'))
    .argument('<name>')
    .option('-w, --watch', 'stay until it is done (exit 0) or rolled back (exit 1); a terminal is redrawn each second')
    .option('--timeout <duration>', 'with --watch: give up after so long (exit 1), e.g. 10m')
    .action(async (name: string, { watch: isWatched, timeout, ...options }: StatusOptions) => {
      const deadline = timeout === undefined ? null : AbortSignal.timeout(parseDuration('--timeout', timeout));
      const client = adminClient(options, io);
      if (isWatched !== true) show(await look(client, name, io), options, io);
      else if (io.stdout.isTTY === true && options.json !== true) await redraw(client, name, deadline, io);
      else await watch(client, name, options, deadline, io);
    });
}

async function look(client: AdminClient, name: string, io: Io): Promise<Look> {
  const rollout = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
  const analysis = (await client.call('GET', rolloutPath(name, 'analysis'))).value as AnalysisReply;
  const events = (await client.call('GET', `${rolloutPath(name, 'history')}?limit=${RECENT_EVENTS}`))
    .value as readonly RolloutEventReply[];
  return { rollout, analysis, screen: statusScreen(rollout, analysis, events, io.now()) };
}

function show({ rollout, analysis, screen }: Look, options: CommonOptions, io: Io): void {
  print(io, options, { ...rollout, analysis }, () => screen);
}

/** One screen in place, as evidence grows without any event. */
async function redraw(client: AdminClient, name: string, deadline: AbortSignal | null, io: Io): Promise<void> {
  for (;;) {
    const { rollout, screen } = await look(client, name, io);
    io.stdout.write(`${CLEAR}${fitted(screen, io)}\n`);
    if (rollout.phase === 'degraded') throw new WatchedRolloutDegraded();
    if (isOver(rollout)) return;
    await sleep(REDRAW_EVERY_MS, null, deadline === null ? {} : { signal: deadline }).catch(() => {
      throw timedOut(name);
    });
  }
}

/** A line that is broken, or one too many, would make the terminal scroll. */
function fitted(screen: string, { stdout: { columns, rows } }: Io): string {
  const lines = screen.split('\n').map((line) => line.slice(0, columns));
  return lines.slice(0, rows === undefined ? undefined : rows - 1).join('\n');
}

/** Subscribes before it reads, so that no change falls in between. With `--json` only the end is printed. */
async function watch(
  client: AdminClient,
  name: string,
  options: CommonOptions,
  deadline: AbortSignal | null,
  io: Io,
): Promise<void> {
  const stop = new AbortController();
  try {
    const events = await client.events(stop.signal);
    deadline?.addEventListener('abort', () => stop.abort());
    if (hasPassed(deadline)) stop.abort();
    for await (const _ of changesOf(name, events)) {
      const seen = await look(client, name, io);
      const isDone = isOver(seen.rollout);
      if (isDone || options.json !== true) show(seen, options, io);
      if (seen.rollout.phase === 'degraded') throw new WatchedRolloutDegraded();
      if (isDone) return;
      if (options.json !== true) io.stdout.write('\n');
    }
  } finally {
    stop.abort();
  }
  if (hasPassed(deadline)) throw timedOut(name);
  throw new CliError('gateway_stopped', `The gateway ended the stream of events before "${name}" was done.`);
}

/** An experiment is healthy while it runs, and ends with its winner; a shadow runs until somebody stops it. */
function isOver({ kind, phase, winner }: RolloutReply): boolean {
  return phase === 'degraded' || (kind === 'canary' ? phase === 'healthy' : winner !== null);
}

function hasPassed(deadline: AbortSignal | null): boolean {
  return deadline?.aborted === true;
}

function timedOut(name: string): CliError {
  return new CliError('timed_out', `The time is up, and "${name}" is not done.`);
}

/** The rollout was shown already, so there is nothing more to print: only the exit status tells. */
export class WatchedRolloutDegraded extends Error {}

/** Yields once at the start, and then after each change. */
async function* changesOf(name: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<void> {
  const parser = new SseParser(MAX_EVENT_BYTES);
  const isOurs = ({ data }: SseEvent) => data !== '' && (JSON.parse(data) as { rollout?: unknown }).rollout === name;
  yield;
  for await (const chunk of stream) {
    let changed = false;
    parser.push(Buffer.from(chunk), (event) => (changed ||= isOurs(event)));
    if (changed) yield;
  }
}
