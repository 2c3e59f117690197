import { serviceDashboard } from "./service.ts";
import { securityDashboard } from "./security.ts";
import { storeDashboard } from "./store.ts";

/** Where they lie, from the repository's root. */
export const DASHBOARDS = "deploy/grafana/dashboards";

/** What each file there holds, by its name. */
export function dashboardFiles(): Map<string, string> {
  const made = {
    "service.json": serviceDashboard(),
    "security.json": securityDashboard(),
    "store.json": storeDashboard(),
  };
  return new Map(Object.entries(made).map(([name, built]) => [name, `${JSON.stringify(built, null, 2)}\n`]));
}
