import type { Regression } from '../../core/analysis.ts';
import type { RegressionConfig } from '../../core/config.ts';
import type { Seconds } from '../../core/units.ts';
import type { TrafficEntry } from './metrics.ts';
import { regressionPlan, type RegressionPlan } from './plan.ts';
import { RouteTrends, type RegressionEvent, type RouteState, type SegmentRoom } from './route-trends.ts';

const VERSION = 1;
/** Routes that appear later are not judged. */
const MAX_ROUTES = 64;
/** Of all routes together: what is kept of one is some 20 KB of the snapshot. */
const MAX_SEGMENTS_IN_ALL = 192;
/** Other gateways' clocks may be ahead of ours by so many blocks; ours may be set back by so many without a restart. */
const BLOCKS_AHEAD = 1;
const BLOCKS_BACK = 10;

/** All that the judge knows, as plain JSON; numbers come back exactly as they were. */
export interface RegressionSnapshot {
  readonly version: typeof VERSION;
  /** The metrics, margins, segments and spans that it is about. */
  readonly subject: string;
  readonly now: Seconds;
  readonly routes: readonly (readonly [name: string, state: RouteState])[];
}

/**
 * Judges whether the traffic of a route, without any rollout, is another than it used to be: as a change of the provider
 * or of what callers send would make it. Pure: no clock, no input or output, no randomness. Memory is bounded.
 */
export class RegressionJudge {
  private readonly plan: RegressionPlan;
  private readonly routes = new Map<string, RouteTrends>();
  private readonly room: SegmentRoom = { left: MAX_SEGMENTS_IN_ALL };
  private readonly events: RegressionEvent[] = [];
  private now: Seconds;
  private latest: Seconds = Infinity;

  constructor(config: RegressionConfig, saved?: RegressionSnapshot) {
    this.plan = regressionPlan(config);
    this.now = saved?.now ?? 0;
    for (const [name, state] of saved?.routes ?? [])
      this.routes.set(name, new RouteTrends(name, this.plan, this.room, this.now, state));
  }

  /** @throws RangeError where the snapshot is of another version or of another configuration */
  static restore(config: RegressionConfig, snapshot: RegressionSnapshot): RegressionJudge {
    if (snapshot.version !== VERSION || snapshot.subject !== subjectOf(regressionPlan(config)))
      throw new RangeError('What is known of the routes was learnt by another version or with other settings.');
    return new RegressionJudge(config, snapshot);
  }

  observe(entry: TrafficEntry): void {
    this.now = Math.max(this.now, Math.min(entry.at, this.latest));
    let route = this.routes.get(entry.route);
    if (route === undefined) {
      if (this.routes.size === MAX_ROUTES) return;
      route = new RouteTrends(entry.route, this.plan, this.room, this.now);
      this.routes.set(entry.route, route);
    }
    route.advance(this.now, this.events);
    route.observe(entry, this.now);
  }

  /** To be called every second or so, so that blocks end without traffic too. */
  tick(now: Seconds): void {
    const { block, baseline } = this.plan;
    this.latest = now + BLOCKS_AHEAD * block;
    this.now = now < this.now - BLOCKS_BACK * block ? now : Math.max(now, this.now);
    for (const route of this.routes.values()) {
      route.advance(this.now, this.events);
      if (this.now - route.seenAt < baseline) continue;
      route.close('the route had no traffic for the whole span of the baseline', this.events);
      this.routes.delete(route.name);
    }
  }

  states(): readonly Regression[] {
    return [...this.routes.values()].flatMap((route) => route.states());
  }

  /** What was found since the last call. */
  takeEvents(): readonly RegressionEvent[] {
    return this.events.splice(0);
  }

  /** Events are not part of it: to be taken before. */
  toJSON(): RegressionSnapshot {
    return {
      version: VERSION,
      subject: subjectOf(this.plan),
      now: this.now,
      routes: [...this.routes].map(([name, route]) => [name, route.toJSON()]),
    };
  }
}

function subjectOf(plan: RegressionPlan): string {
  return JSON.stringify(plan);
}
