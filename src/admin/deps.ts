import type { JsonValue, RolloutSpec } from '../core/rollout.ts';
import type { AnalysisView } from '../core/analysis.ts';
import type { AuditTrail, AuditView } from '../core/audit.ts';
import type { RequestSearch } from '../core/recent.ts';
import type { Redactor } from '../core/redaction.ts';
import type { Milliseconds } from '../core/units.ts';
import type { ReloadResult } from '../config/watch.ts';
import type { KeyAdmin } from '../keys/key-admin.ts';
import type { RolloutRegistry } from '../rollout/registry.ts';
import type { EventHub } from './event-hub.ts';
import type { KeySurroundings } from './key-json.ts';

/** What the control plane shows and steers; all of it belongs to others. */
export interface AdminDeps {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The admin token in force, asked for at each request. Null: loopback peers only. */
  token(): string | null;
  /** Of the software, for `/openapi.json`. */
  readonly version: string;
  readonly rollouts: Pick<
    RolloutRegistry,
    'current' | 'get' | 'apply' | 'execute' | 'undo' | 'delete' | 'history' | 'revisions' | 'eventsSince'
  >;
  readonly keys: {
    readonly admin: Pick<KeyAdmin, 'list' | 'get' | 'create' | 'change' | 'revoke' | 'rotate'>;
    /** Of the configuration in force. */
    surroundings(): KeySurroundings;
    /** Wall clock. */
    now(): Milliseconds;
  };
  readonly analysis: AnalysisView;
  /** Reads a declaration against the configuration in force. @throws ConfigError */
  parseRollout(declared: JsonValue): RolloutSpec;
  /** What is changed here is told there. */
  readonly trail: Pick<AuditTrail, 'action'>;
  readonly audit: AuditView;
  readonly requests: RequestSearch;
  /** Of the configuration in force. */
  redactor(): Redactor;
  readonly configuration: {
    /** The configuration in force as JSON, secrets hidden. */
    describe(): unknown;
    /** Reads the file again. Never rejects: a file that does not hold leaves the last good configuration in force. */
    reload(): Promise<ReloadResult>;
  };
  /** Prometheus text. */
  /** @param accept the header of the scraper */
  metrics(accept: string | null): Promise<{ readonly contentType: string; readonly body: string }>;
  ready(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>;
  /** Told of faults of the control plane itself; never of a refused request. */
  log(message: string, error: unknown): void;
}

/** What a route's handler gets: all of the above and the stream of events. */
export interface AdminContext extends AdminDeps {
  readonly events: EventHub;
}
