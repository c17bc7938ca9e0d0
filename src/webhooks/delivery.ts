import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import type { WebhookConfig } from '../core/config.ts';
import type { CounterStore, RolloutEvent, RolloutStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { deliveryHeaders, deliveryId, eventBody, wants } from './payload.ts';
import type { Post, PostReply } from './post.ts';

const FIRST_RETRY: Milliseconds = 5_000;
const LONGEST_RETRY: Milliseconds = 300_000;
/** An event that could not be delivered for so long is given up, so that those after it come through. */
const GIVE_UP_AFTER: Milliseconds = 24 * 3_600_000;
const EVENTS_AT_ONCE = 50;
/** Replies that another attempt may better. */
const PASSING = new Set([408, 425, 429]);

type DeliveryResult = 'delivered' | 'retried' | 'given_up';

export interface DeliveryDeps {
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  readonly events: Pick<RolloutStore, 'eventsAfter' | 'newestEvent'>;
  readonly counters: CounterStore;
  readonly post: Post;
  /** Whether this gateway is still the one that tells. */
  leads(): boolean;
  count(webhook: string, result: DeliveryResult): void;
}

interface HookState {
  config: WebhookConfig;
  attempts: number;
  nextAt: Milliseconds;
  /** An event is on its way: another must not overtake it. */
  isBusy: boolean;
  isGone: boolean;
}

/**
 * Tells webhooks what happened: each event at least once and in order for each hook, from a place that the store keeps, so
 * that neither a crash nor another controller loses one. A hook that is away delays only itself.
 */
export class WebhookDelivery {
  private readonly deps: DeliveryDeps;
  private readonly hooks = new Map<string, HookState>();
  private applied: readonly WebhookConfig[] = [];

  constructor(deps: DeliveryDeps) {
    this.deps = deps;
  }

  /** A hook whose settings stay keeps its place in its retries; one with others is tried with them at once. */
  apply(webhooks: readonly WebhookConfig[]): void {
    if (webhooks === this.applied) return;
    this.applied = webhooks;
    for (const hook of this.hooks.values()) hook.isGone = true;
    for (const config of webhooks) if (config.events.length > 0) this.applyOne(config);
    for (const [name, { isGone, isBusy }] of this.hooks) if (isGone && !isBusy) this.hooks.delete(name);
  }

  private applyOne(config: WebhookConfig): void {
    const known = this.hooks.get(config.name);
    if (known === undefined) {
      this.hooks.set(config.name, newHook(config));
      return;
    }
    if (!isDeepStrictEqual(known.config, config)) Object.assign(known, { config, attempts: 0, nextAt: 0 });
    known.isGone = false;
  }

  /** One round over the hooks that are not busy with an earlier one; to be called by the gateway that leads. */
  async run(): Promise<void> {
    const free = [...this.hooks.values()].filter(({ isBusy, isGone }) => !isBusy && !isGone);
    await Promise.all(free.map((hook) => this.runOne(hook)));
  }

  private async runOne(hook: HookState): Promise<void> {
    hook.isBusy = true;
    try {
      await this.deliver(hook);
    } finally {
      hook.isBusy = false;
      if (hook.isGone) this.hooks.delete(hook.config.name);
    }
  }

  private async deliver(hook: HookState): Promise<void> {
    const { clock, counters, events } = this.deps;
    if (clock.now() < hook.nextAt) return;
    const counter = `webhook:${hook.config.name}`;
    let last = await counters.value(counter);
    if (last === 0) {
      // A hook that is new is told of what happens from now on. One more, so that the place is never 0 again.
      await counters.raise(counter, (await events.newestEvent()) + 1);
      return;
    }
    for (const event of await events.eventsAfter(last - 1, EVENTS_AT_ONCE)) {
      if (hook.isGone || !this.deps.leads()) return;
      if (wants(hook.config, event) && !(await this.send(hook, event))) return;
      last = event.id + 1;
      hook.attempts = 0;
      await counters.raise(counter, last);
    }
  }

  /** @returns whether there is nothing more to do for this event */
  private async send(hook: HookState, event: RolloutEvent): Promise<boolean> {
    const { clock, count } = this.deps;
    const reply = await this.attempt(hook.config, event);
    if (reply !== null && reply.status >= 200 && reply.status < 300) {
      count(hook.config.name, 'delivered');
      return true;
    }
    const isRefused = reply !== null && reply.status >= 400 && reply.status < 500 && !PASSING.has(reply.status);
    if (isRefused || clock.wall() - event.at >= GIVE_UP_AFTER) {
      count(hook.config.name, 'given_up');
      return true;
    }
    hook.nextAt = clock.now() + this.pause(hook.attempts, reply);
    hook.attempts++;
    count(hook.config.name, 'retried');
    return false;
  }

  /** Null: no reply came. */
  private async attempt(config: WebhookConfig, event: RolloutEvent): Promise<PostReply | null> {
    const body = eventBody(event);
    const headers = deliveryHeaders(config, deliveryId(event), body, this.deps.clock.wall());
    try {
      return await this.deps.post(config.url, headers, body, config);
    } catch {
      return null;
    }
  }

  private pause(attempts: number, reply: PostReply | null): Milliseconds {
    const asked = 1000 * Number(reply?.retryAfter?.trim() || Number.NaN);
    // Whoever asks for none at all would be asked again at every turn.
    if (asked >= 0) return Math.min(Math.max(asked, FIRST_RETRY), LONGEST_RETRY);
    const backoff = Math.min(FIRST_RETRY * 3 ** attempts, LONGEST_RETRY);
    return backoff * (0.5 + this.deps.random() / 2);
  }
}

function newHook(config: WebhookConfig): HookState {
  return { config, attempts: 0, nextAt: 0, isBusy: false, isGone: false };
}
