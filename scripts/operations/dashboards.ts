import { COST } from './dashboards/cost.ts';
import { OVERVIEW } from './dashboards/overview.ts';
import { PROVIDERS } from './dashboards/providers.ts';
import { REDACTION } from './dashboards/redaction.ts';
import { ROLLOUTS } from './dashboards/rollouts.ts';
import { STATE } from './dashboards/state.ts';
import type { Dashboard } from './panel.ts';

export { dashboardJson } from './dashboard-json.ts';

export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, ROLLOUTS, PROVIDERS, REDACTION, COST, STATE];
