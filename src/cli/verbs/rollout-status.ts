import type { Command } from 'commander';
import type { Analysis } from '../../core/analysis.ts';
import type { AdminClient } from '../admin-client.ts';
import { SseParser, type SseEvent } from '../../core/sse.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { rolloutPath, type RolloutEventReply, type RolloutReply } from '../rollout-reply.ts';
import { statusScreen } from '../status-screen.ts';

const RECENT_EVENTS = 4;
const REDRAW_EVERY_MS = 1_000;
/** Cursor home, and clear what is there. @source ECMA-48 */
const CLEAR = '\x1b[H\x1b[2J';
const MAX_EVENT_BYTES = 1024 * 1024;

export function addStatus(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('status').description('where a rollout stands'))
    .argument('<name>')
    .option('-w, --watch', 'stay until it is healthy (exit 0) or degraded (exit 1); a terminal is redrawn each second')
    .action(async (name: string, options: CommonOptions & { watch?: boolean }) => {
      const client = adminClient(options, io);
      if (options.watch === true && io.stdout.isTTY === true && options.json !== true) await redraw(client, name, io);
      else if (options.watch === true) await watch(client, name, options, io);
      else await show(client, name, options, io);
    });
}

async function show(client: AdminClient, name: string, options: CommonOptions, io: Io): Promise<void> {
  const { rollout, screen } = await look(client, name);
  print(io, options, rollout, () => screen);
}

async function look(client: AdminClient, name: string): Promise<{ rollout: RolloutReply; screen: string }> {
  const rollout = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
  const analysis = (await client.call('GET', rolloutPath(name, 'analysis'))).value as Analysis;
  const events = await client.call('GET', `${rolloutPath(name, 'history')}?limit=${RECENT_EVENTS}`);
  return { rollout, screen: statusScreen(rollout, analysis, events.value as readonly RolloutEventReply[]) };
}

/** One screen in place, as evidence grows without any event. */
async function redraw(client: AdminClient, name: string, io: Io): Promise<void> {
  for (;;) {
    const { rollout, screen } = await look(client, name);
    io.stdout.write(`${CLEAR}${screen}\n`);
    if (rollout.phase === 'degraded') throw new WatchedRolloutDegraded();
    if (rollout.phase === 'healthy') return;
    await new Promise((resolve) => setTimeout(resolve, REDRAW_EVERY_MS));
  }
}

/** Subscribes before it reads, so that no change falls in between. With `--json` only the end is printed. */
async function watch(client: AdminClient, name: string, options: CommonOptions, io: Io): Promise<void> {
  const stop = new AbortController();
  try {
    const events = await client.events(stop.signal);
    for await (const _ of changesOf(name, events)) {
      const { phase } = (await client.call('GET', rolloutPath(name))).value as RolloutReply;
      const isOver = phase === 'healthy' || phase === 'degraded';
      if (isOver || options.json !== true) await show(client, name, options, io);
      if (phase === 'degraded') throw new WatchedRolloutDegraded();
      if (isOver) return;
      if (options.json !== true) io.stdout.write('\n');
    }
  } finally {
    stop.abort();
  }
  throw new CliError('gateway_stopped', `The gateway ended the stream of events before "${name}" was done.`);
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
