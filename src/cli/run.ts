import { Command, CommanderError } from 'commander';
import { CliError, UsageError } from './errors.ts';
import { VERSION } from '../version.ts';
import type { Io } from './io.ts';
import { addAudit } from './verbs/audit.ts';
import { addRequests } from './verbs/requests.ts';
import { addCheck } from './verbs/check.ts';
import { addKey } from './verbs/key.ts';
import { addPolicy } from './verbs/policy.ts';
import { addModels } from './verbs/models.ts';
import { addRedact } from './verbs/redact.ts';
import { addRollout } from './verbs/rollout.ts';
import { addRegressions } from './verbs/rollout-observe.ts';
import { WatchedRolloutDegraded } from './verbs/rollout-status.ts';
import { addServe } from './verbs/serve.ts';
import { addSim } from './verbs/sim.ts';

const SUCCESS = 0;
const FAILURE = 1;
const USAGE = 2;

/** Runs one command line. @returns the exit status: 0 success, 1 refused or failed, 2 usage */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const isJson = argv.includes('--json');
  try {
    await createProgram(io, isJson).parseAsync(argv, { from: 'user' });
    return SUCCESS;
  } catch (error) {
    return report(error, isJson, io);
  }
}

function createProgram(io: Io, isJson: boolean): Command {
  const program = new Command('sluice')
    .description('An LLM gateway with rollouts.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // With --json the error stands on stdout, once.
      writeErr: (text) => (isJson ? undefined : io.stderr.write(text)),
    });
  addServe(program);
  addCheck(program, io);
  addSim(program, io);
  addRollout(program, io);
  addRegressions(program, io);
  addKey(program, io);
  addRedact(program, io);
  addPolicy(program, io);
  addAudit(program, io);
  addRequests(program, io);
  addModels(program, io);
  return program;
}

function report(error: unknown, isJson: boolean, io: Io): number {
  if (error instanceof WatchedRolloutDegraded) return FAILURE;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return SUCCESS;
    if (isJson) tell(io, isJson, 'usage', error.message);
    return USAGE;
  }
  if (error instanceof UsageError) {
    tell(io, isJson, 'usage', error.message);
    return USAGE;
  }
  if (error instanceof CliError) tell(io, isJson, error.code, error.message, error.details);
  else tell(io, isJson, 'internal_error', error instanceof Error ? (error.stack ?? error.message) : String(error));
  return FAILURE;
}

function tell(io: Io, isJson: boolean, code: string, message: string, details: object = {}): void {
  if (isJson) io.stdout.write(`${JSON.stringify({ error: { code, message, ...details } })}\n`);
  else io.stderr.write(`${message}\n`);
}
