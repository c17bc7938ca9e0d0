import type { Command } from 'commander';
import { print, withLocalOptions, type LocalOptions } from '../common.ts';
import { CliError, UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { SimulatorOptions } from '../../simulator/simulator.ts';

interface SimOptions extends LocalOptions {
  readonly host: string;
  readonly port: string;
  readonly seed: string;
  readonly fault: readonly string[];
  readonly profile: readonly string[];
}

const MAX_PORT = 65_535;

export function addSim(program: Command, io: Io): void {
  withLocalOptions(program.command('sim').description('run a simulated provider until interrupted'), null)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free one', '8089')
    .option('--seed <number>', 'decides every reply', '1')
    .option('--fault <kind[:rate][@model]>', 'what goes wrong, e.g. http-429:0.2; repeatable', collect, [])
    .option(
      '--profile <model=json>',
      'how a model behaves, e.g. fast-v2={"ttft":{"medianMs":200}}; repeatable',
      collect,
      [],
    )
    .action(async (options: SimOptions) => {
      const simulator = await start(await simulatorOptions(options));
      print(io, options, { baseUrl: simulator.baseUrl }, () => `simulated provider at ${simulator.baseUrl}`);
      await io.untilStopped();
      await simulator.close();
    });
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

async function simulatorOptions(options: SimOptions): Promise<SimulatorOptions> {
  const { parseFault } = await import('../../simulator/simulator.ts');
  return {
    host: options.host,
    port: wholeNumber('--port', options.port, MAX_PORT),
    seed: wholeNumber('--seed', options.seed, Number.MAX_SAFE_INTEGER),
    faults: options.fault.map((text) => usage(() => parseFault(text))),
    profiles: Object.fromEntries(options.profile.map(profile)),
  };
}

/** What the simulator refuses of well-formed options: a bad profile, a port in use. */
async function start(options: SimulatorOptions) {
  const { startSimulator } = await import('../../simulator/simulator.ts');
  try {
    return await startSimulator(options);
  } catch (error) {
    throw new CliError('simulator_failed', (error as Error).message);
  }
}

function profile(text: string): [string, Record<string, unknown>] {
  const equals = text.indexOf('=');
  const settings = usage(() => JSON.parse(text.slice(equals + 1)) as Record<string, unknown>);
  if (equals > 0) return [text.slice(0, equals), settings];
  throw new UsageError(`--profile: "${text}" is not MODEL=JSON`);
}

function wholeNumber(option: string, text: string, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= maximum) return value;
  throw new UsageError(`${option}: "${text}" is not a whole number from 0 to ${maximum}`);
}

function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
