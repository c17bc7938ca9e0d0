import type { Command } from 'commander';
import type { Regression, ShadowPair, ShadowSide } from '../../core/analysis.ts';
import { effectText } from '../analysis-text.ts';
import { adminClient, print, withCommonOptions, type CommonOptions } from '../common.ts';
import { instant, table } from '../format.ts';
import type { Io } from '../io.ts';
import { wholeCount } from '../parse.ts';
import { rolloutPath } from '../rollout-reply.ts';

type PairReply = Omit<ShadowPair, 'at'> & { readonly at: string };
type RegressionReply = Omit<Regression, 'since'> & { readonly since: string | null };

export function addPairs(rollout: Command, io: Io): void {
  withCommonOptions(rollout.command('pairs').description('the latest requests of a shadow beside their copies'))
    .argument('<name>')
    .option('--limit <count>', 'pairs to show, 1 to 1000', '20')
    .action(async (name: string, options: CommonOptions & { limit: string }) => {
      const limit = wholeCount('--limit', options.limit);
      const { value } = await adminClient(options, io).call('GET', `${rolloutPath(name, 'pairs')}?limit=${limit}`);
      print(io, options, value, () => pairTable(value as readonly PairReply[]));
    });
}

function pairTable(pairs: readonly PairReply[]): string {
  if (pairs.length === 0) return 'No request was copied by this gateway yet.';
  const rows = pairs.map(({ at, primary, shadow }) => [
    instant(at),
    sideText(primary),
    sideText(shadow),
    primary.requestId,
  ]);
  return table(['TIME (UTC)', 'PRIMARY', 'SHADOW', 'REQUEST'], rows, []);
}

function sideText({ error, refusal, invalidJson, latencyMs, outputTokens, finishReason }: ShadowSide): string {
  if (error) return 'error';
  const flaws = [...(refusal === true ? ['refusal'] : []), ...(invalidJson === true ? ['invalid JSON'] : [])];
  const size = outputTokens === null ? [] : [`${outputTokens} tokens`];
  const time = latencyMs === null ? [] : [`${Math.round(latencyMs)} ms`];
  return [...flaws, ...time, ...size, finishReason ?? ''].filter((text) => text !== '').join(', ');
}

/** Not a verb of one rollout: what changed without any. */
export function addRegressions(program: Command, io: Io): void {
  withCommonOptions(program.command('regressions').description('each route against its own past'))
    .option('--all', 'also what is as it was')
    .action(async ({ all, ...options }: CommonOptions & { readonly all?: boolean }) => {
      const { value } = await adminClient(options, io).call('GET', '/api/v1/regressions');
      print(io, options, value, () => regressionTable(value as readonly RegressionReply[], all === true));
    });
}

function regressionTable(regressions: readonly RegressionReply[], all: boolean): string {
  const shown = regressions.filter(({ isActive }) => all || isActive);
  if (shown.length === 0) return `No route is other than its own past; ${regressions.length} metrics are watched.`;
  const rows = shown.map(({ route, metric, segment, isActive, since, effect, logE, threshold }) => [
    route,
    segment === null ? metric : `${metric} ${segment}`,
    isActive ? `since ${instant(since!)}` : 'as it was',
    effectText({ effect }),
    `${Math.round((100 * Math.max(0, logE)) / threshold)} %`,
  ]);
  return table(['ROUTE', 'METRIC', 'STATE', 'CHANGE', 'EVIDENCE'], rows, ['EVIDENCE']);
}
