import type { Direction, Finding, RedactionLog, RestoreResult, UninspectedReason } from '../core/redaction.ts';

/** Tells another log all that it is told; findings as a subclass places them. */
export abstract class RelayedLog implements RedactionLog {
  protected readonly log: RedactionLog;

  constructor(log: RedactionLog) {
    this.log = log;
  }

  abstract found(direction: Direction, finding: Finding, where: string): void;

  held(bytes: number): void {
    this.log.held(bytes);
  }

  restored(category: Finding['category'], result: RestoreResult): void {
    this.log.restored(category, result);
  }

  uninspected(direction: Direction, reason: UninspectedReason): void {
    this.log.uninspected(direction, reason);
  }
}
