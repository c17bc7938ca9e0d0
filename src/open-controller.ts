import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AnalysisBoard } from './controller/analysis-board.ts';
import { Controller, type ControllerDeps } from './controller/controller.ts';
import { FLUSH_EVERY, OutcomeBuffer } from './controller/outcome-buffer.ts';
import type { RegressionNote } from './controller/regression-watch.ts';
import { auditedRollouts } from './audited-rollouts.ts';
import type { AuditDraft, AuditTrail } from './core/audit.ts';
import type { Clock } from './core/clock.ts';
import type { JsonValue } from './core/rollout.ts';
import type { Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';
import type { LiveSnapshot } from './live-snapshot.ts';
import type { Metrics } from './record/metrics.ts';
import type { RolloutRegistry } from './rollout/registry.ts';
import type { Outbox } from './outbox/outbox.ts';
import { WebhookDelivery } from './webhooks/delivery.ts';
import { Gates } from './webhooks/gates.ts';
import { post } from './webhooks/post.ts';

interface ControllerParts {
  readonly clock: Clock;
  readonly stores: Stores;
  readonly rollouts: RolloutRegistry;
  readonly audit: { readonly trail: AuditTrail };
  readonly live: LiveSnapshot;
  readonly metrics: Metrics;
  readonly board: AnalysisBoard;
  /** On the way of outcomes to the store. */
  readonly outbox: Outbox;
  readonly log: Logger;
}

/** A store that is locked holds the thread for as long as it is waited for: not at every turn. */
const REST_AFTER_FAILURE: Milliseconds = 2_000;
/** To save what is pending at the end: about 2 s. */
const LAST_ATTEMPTS = 8;

interface RunningController {
  readonly outcomes: OutcomeBuffer;
  /** Why rollouts are not judged; requests are served all the same. */
  troubles(): readonly string[];
}

/** What the request path hands its outcomes to, and the loop that judges them. */
export function openController(parts: ControllerParts, opened: AsyncDisposableStack): RunningController {
  const { live, board, metrics, outbox } = parts;
  const buffer = new OutcomeBuffer({
    append: (batch) => outbox.append(batch),
    patienceOf: (rollout) => board.patienceOf(rollout),
    trafficSegments: () => {
      const { enabled, segments } = live.current.config.regression;
      return enabled ? segments : null;
    },
    dropped: (count) => metrics.outcomesDropped(count),
    droppedFeedback: (loss, count) => metrics.feedbackDropped(loss, count),
  });
  const controller = new Controller(controllerDeps(parts));
  const loop = new ControllerLoop(buffer, controller, parts);
  opened.defer(() => loop.close());
  return { outcomes: buffer, troubles: () => loop.troubles() };
}

function controllerDeps({
  clock,
  stores,
  rollouts,
  audit,
  live,
  metrics,
  board,
  log,
}: ControllerParts): ControllerDeps {
  const gates = new Gates({ clock, post, webhooks: () => live.current.config.webhooks });
  return {
    clock,
    holder: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    leases: stores.leases,
    evidence: stores.evidence,
    rollouts: auditedRollouts(rollouts, audit.trail),
    board,
    regression: () => live.current.config.regression,
    askGate: (gate, rollout, detail) => gates.confirm(gate, rollout, detail),
    gatekeepers: (gate, rollout) => gates.keepers(gate, rollout),
    askRollback: (rollout) => gates.wantsRollback(rollout),
    noteRegression: async (note, fence) => {
      await stores.rollouts.note(regressionEvent(note, clock.wall()), fence);
      audit.trail.append(regressionFinding(note));
    },
    decided: (rollout, decision, reason) => metrics.decided(rollout, decision, reason),
    unreadable: (what, error) => {
      metrics.outcomesDropped(1);
      log.error({ err: error }, `${what} cannot be read and is left out`);
    },
    breathe: () => nextTurn(),
  };
}

function openWebhooks({ clock, stores, metrics }: ControllerParts, leads: () => boolean): WebhookDelivery {
  return new WebhookDelivery({
    clock,
    random: Math.random,
    events: stores.rollouts,
    counters: stores.counters,
    post,
    leads,
    count: (webhook, result) => metrics.webhookDelivered(webhook, result),
  });
}

/** Its phase tells whether the route is well. */
function regressionEvent({ action, reason, regression }: RegressionNote, at: number) {
  return {
    kind: 'regression',
    rollout: regression.route,
    revision: 0,
    action,
    actor: 'controller',
    at,
    phase: action === 'opened' ? 'degraded' : 'healthy',
    weight: 0,
    reason,
    detail: regression as unknown as JsonValue,
  } as const;
}

function regressionFinding({ action, reason, regression }: RegressionNote): AuditDraft {
  const { route, metric, segment } = regression;
  return {
    kind: `regression.${action}`,
    actor: 'controller',
    subject: `route:${route}`,
    detail: { metric, segment, reason },
  };
}

/** Writes outcomes, and runs the controller's rounds; of neither two at a time. While rounds fail outcomes are written on. */
class ControllerLoop {
  private readonly buffer: OutcomeBuffer;
  private readonly controller: Controller;
  private readonly parts: ControllerParts;
  private readonly webhooks: WebhookDelivery;
  private readonly timer: NodeJS.Timeout;
  private turn: Promise<void> | null = null;
  private writing: Promise<void> | null = null;
  /** The first since all was well: those after it may only follow from it. */
  private failure: unknown = null;
  private unwritten: unknown = null;
  private restUntil: Milliseconds = 0;

  constructor(buffer: OutcomeBuffer, controller: Controller, parts: ControllerParts) {
    this.buffer = buffer;
    this.controller = controller;
    this.parts = parts;
    this.webhooks = openWebhooks(parts, () => controller.isLeader);
    this.timer = setInterval(() => {
      buffer.renew();
      this.writing ??= this.write().finally(() => (this.writing = null));
      void parts.outbox.tick();
      if (parts.clock.now() < this.restUntil) return;
      this.turn ??= this.run().finally(() => (this.turn = null));
    }, FLUSH_EVERY).unref();
  }

  troubles(): readonly string[] {
    const { leaderlessFor } = this.controller;
    const { reason } = this.parts.outbox.state();
    const nobody = `no gateway has judged the rollouts for ${Math.floor((leaderlessFor ?? 0) / 1000)} s`;
    return [
      ...(this.failure === null ? [] : [`what is known of rollouts cannot be stored: ${messageOf(this.failure)}`]),
      ...(this.unwritten === null ? [] : [`outcomes cannot be stored: ${messageOf(this.unwritten)}`]),
      ...(reason === null ? [] : [`outcomes wait on disk for the store: ${reason}`]),
      ...(leaderlessFor === null ? [] : [nobody]),
    ];
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.turn;
    await this.writing;
    for (let attempt = 1; !(await this.hasSaved(attempt)) && attempt < LAST_ATTEMPTS; attempt++)
      await wait(FLUSH_EVERY);
    this.buffer.close();
  }

  private async hasSaved(attempt: number): Promise<boolean> {
    try {
      await this.buffer.flush();
      await this.parts.outbox.close();
      await this.controller.round();
      await this.controller.close();
      return true;
    } catch (error) {
      if (attempt === LAST_ATTEMPTS)
        this.parts.log.error({ err: error }, 'the evidence of the last seconds could not be saved');
      return false;
    }
  }

  /** Not awaited: a hook that hangs must not keep anything from being judged. */
  private tellWebhooks(): void {
    if (!this.controller.isLeader) return;
    const { live, log } = this.parts;
    this.webhooks.apply(live.current.config.webhooks);
    this.webhooks.run().catch((error: unknown) => log.debug({ err: error }, 'webhooks wait for the store'));
  }

  /** What neither the store nor the disk takes waits in memory, as much as there is room for. */
  private async write(): Promise<void> {
    try {
      await this.buffer.flush();
      this.unwritten = null;
    } catch (error) {
      if (this.unwritten === null) this.parts.log.error({ err: error }, 'outcomes cannot be stored');
      this.unwritten = error ?? new Error('unknown');
    }
  }

  /** Once per outage, so that a store that is away does not fill the log. */
  private async run(): Promise<void> {
    try {
      // What is known by now is judged now.
      await this.writing;
      await this.controller.round();
      this.tellWebhooks();
      this.failure = null;
      this.parts.metrics.leads(this.controller.isLeader);
    } catch (error) {
      if (this.failure === null)
        this.parts.log.error({ err: error }, 'rollouts cannot be judged; they stay as they are');
      this.failure ??= error ?? new Error('unknown');
      this.parts.metrics.leads(false);
      this.restUntil = this.parts.clock.now() + REST_AFTER_FAILURE;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
