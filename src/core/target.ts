/** A place that a request can go to. `model: null` keeps the name that the app asked for. */
export interface Target {
  readonly provider: string;
  readonly model: string | null;
}
