/**
 * Where `docs/runbook` can be read by whoever is called at night. `.example` is nobody's: `generate-dashboards.ts --runbook URL`
 * writes another, and `homepage` of package.json is the default once there is one.
 */
export interface Runbook {
  /** Of the page of an alert, as a URL. */
  page(alert: string): string;
  readonly index: string;
}

export function runbookAt(base: string): Runbook {
  const root = base.replace(/\/+$/, '');
  return { page: (alert) => `${root}/runbook/${pageName(alert)}`, index: `${root}/runbook.md` };
}

/** `SluiceCircuitOpen`: `circuit-open.md`. */
export function pageName(alert: string): string {
  const words = alert.replace(/^Sluice/, '').replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`);
  return `${words.toLowerCase()}.md`;
}
