import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { applyFault } from './apply-fault.ts';
import { composeFailure, composeModels, composeReply, type Reply } from './compose-reply.ts';
import { dialectHeaders, drawRequestId } from './dialect-headers.ts';
import { RequestFailure } from './failure.ts';
import { checkFaults, strikingFault, type SimulatorFault } from './fault.ts';
import { Profiles, type SimulatorProfile } from './profile.ts';
import { Random } from './random.ts';
import { readRequest, type ApiRequest, type ModelCall } from './read-request.ts';
import { StatsBook, type Bill, type SimulatorStats } from './stats.ts';
import { versionedPath } from './protocols/routes.ts';
import { framed, type Transmission } from './transmission.ts';
import { transmit } from './transmit.ts';

/** What a simulated provider is made from; see `SimulatorOptions`. */
interface ProviderOptions {
  readonly seed: number;
  readonly defaults: SimulatorProfile;
  readonly profiles: Readonly<Record<string, SimulatorProfile>>;
  readonly faults: readonly SimulatorFault[];
  readonly now: () => number;
  readonly open: Promise<unknown> | null;
}

/** What makes one request's reply its own. */
interface Identity {
  readonly model: string;
  readonly requestId: string;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  /** A fresh generator; each use has its own, so that the draws of one do not shift another's. */
  readonly random: (use: string) => Random;
}

/** Answers API requests: reads the call, composes the reply, lets a fault strike, sends. */
export class SimulatedProvider {
  readonly #seed: number;
  readonly #profiles: Profiles;
  readonly #now: () => number;
  readonly #open: Promise<unknown> | null;
  readonly #stats = new StatsBook();
  #faults: readonly SimulatorFault[];

  /** @throws Error naming a bad profile field or fault */
  constructor(options: ProviderOptions) {
    this.#seed = options.seed;
    this.#profiles = new Profiles(options.defaults, options.profiles);
    this.#faults = checkFaults(options.faults);
    this.#now = options.now;
    this.#open = options.open;
  }

  get faults(): readonly SimulatorFault[] {
    return this.#faults;
  }

  /** @throws Error naming the bad element */
  setFaults(faults: unknown): void {
    this.#faults = checkFaults(faults);
  }

  /** @throws Error naming the bad field */
  setProfile(model: string, profile: SimulatorProfile): void {
    this.#profiles.set(model, profile);
  }

  stats(): SimulatorStats {
    return this.#stats.read();
  }

  /** @param path without its `/v1` @throws ClientLeft when the request never became complete */
  async answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const request = await readRequest(req, path);
    const identity = this.#identify(request);
    const reply = this.#compose(request, identity);
    if (this.#open !== null) await this.#open;
    this.#send(res, reply, this.#strike(request, identity, reply));
  }

  #identify({ path, dialect, asked }: ApiRequest): Identity {
    const model = isCall(asked) ? asked.model : null;
    const number = this.#stats.request(versionedPath(path), model);
    const random = (use: string): Random => new Random(this.#seed, model ?? path, number, use);
    const requestId = drawRequestId(dialect, random('request id'));
    return { model: model ?? '', requestId, headers: dialectHeaders(dialect, requestId, this.#now()), random };
  }

  #compose(request: ApiRequest, identity: Identity): Reply {
    const { path, dialect, asked } = request;
    const { requestId, headers } = identity;
    try {
      if (isCall(asked)) return this.#answerCall(asked, identity);
      if (asked === 'models') return composeModels(path, dialect, this.#profiles.names(), headers);
      return composeFailure(dialect, asked, requestId, headers);
    } catch (error) {
      if (error instanceof RequestFailure) return composeFailure(dialect, error, requestId, headers);
      throw error;
    }
  }

  #answerCall(call: ModelCall, { model, headers, random }: Identity): Reply {
    const stamp = {
      model,
      created: Math.floor(this.#now() / 1000),
      fingerprint: `fp_${new Random(this.#seed, model).hex(10)}`,
      random: random('stamp'),
    };
    const profile = this.#profiles.of(model);
    return composeReply(call, { seed: this.#seed, profile, stamp, fate: random('fate'), headers });
  }

  /** The request's own fault, else one of the set ones, else an error by the model's rate. */
  #strike(request: ApiRequest, { model, requestId, headers, random }: Identity, reply: Reply): Transmission {
    const { errorRate, errorStatus } = this.#profiles.of(model);
    const byRate: SimulatorFault = { kind: `http-${errorStatus}`, rate: isCall(request.asked) ? errorRate : 0 };
    const candidates = request.fault === null ? [...this.#faults, byRate] : [request.fault];
    const draws = random('fault');
    const fault = strikingFault(candidates, model, draws);
    if (fault === null) return reply.plan;
    this.#stats.fault(fault.kind);
    return applyFault(fault, reply.plan, { dialect: request.dialect, requestId, headers, random: draws });
  }

  #send(res: ServerResponse, { streamed, inputTokens }: Reply, transmission: Transmission): void {
    if (streamed) this.#stats.streamOpened();
    transmit(res, framed(transmission), ({ sent, aborted }) =>
      this.#stats.settle({ streamed, aborted, bill: billFor(transmission, inputTokens, sent) }),
    );
  }
}

/** @param sent chunks of it */
function billFor({ written }: Transmission, inputTokens: number, sent: number): Bill {
  if (written === null) return { inputTokens: 0, outputTokens: 0 };
  return { inputTokens, outputTokens: sent === 0 ? 0 : written[sent - 1]! };
}

function isCall(asked: ApiRequest['asked']): asked is ModelCall {
  return typeof asked === 'object' && 'protocol' in asked;
}
