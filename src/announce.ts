import type { Logger } from 'pino';
import type { AdminServer } from './admin/server.ts';
import { formatProblems } from './config/report.ts';
import type { ReloadResult } from './config/watch.ts';
import type { Config } from './core/config.ts';
import type { DataPlane } from './ingress/server.ts';

/** Where the two planes answer, and what the configuration says that has no effect. */
export function announceStart(
  { warnings }: ReloadResult,
  dataPlane: Pick<DataPlane, 'host' | 'port'>,
  admin: AdminServer,
  hasToken: boolean,
  log: Logger,
): void {
  announceWarnings(warnings, log);
  log.info(`apps: ${addressOf(dataPlane)}/v1`);
  const access = hasToken ? 'with the admin token' : 'loopback callers only: no admin.token is set';
  log.info(`operators: ${addressOf(admin)} (${access})`);
}

/** What became of a reload, in the log and to the listeners of the control plane. */
export function announceReload(result: ReloadResult, admin: AdminServer, log: Logger): void {
  const { ok, changed, problems, warnings, restartNeeded } = result;
  if (!ok) {
    log.error(`the configuration was refused, the last good one stays in force:\n${formatProblems(problems)}`);
  } else if (changed) {
    log.info('the configuration was reloaded');
    if (restartNeeded.length > 0) log.warn({ restartNeeded }, `needs a restart: ${restartNeeded.join(', ')}`);
  }
  announceWarnings(warnings, log);
  admin.publish('config', { ok, changed, restartNeeded });
}

function announceWarnings(warnings: ReloadResult['warnings'], log: Logger): void {
  for (const warning of warnings) log.warn(formatProblems([warning], 'warning'));
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A reload may open what was guarded; nobody should find that out from the traffic. */
export function announceOpenedGates(next: Config, previous: Config, log: Logger): void {
  if (previous.auth.required && !next.auth.required)
    log.warn('auth.required was turned off by this reload: callers without a key are served from now on');
  if (previous.admin.token !== null && next.admin.token === null)
    log.warn('admin.token was taken away by this reload: loopback callers need none from now on');
}
