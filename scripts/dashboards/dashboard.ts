/** What all dashboards have alike: where their data comes from, for which instances, and how they lead to each other. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE } from "./panels.ts";

export type Section = { title: string; panels: readonly Builder<Panel>[] };

export type About = {
  /** By which Grafana knows it again: never to be changed. */
  uid: string;
  title: string;
  description: string;
  /** Before all sections. */
  head: readonly Builder<Panel>[];
  sections: readonly Section[];
};

const TAG = "assay";
/** A gauge that every instance tells, whatever its role. */
const TOLD_BY_ALL = "assay_revocations_staleness_seconds";
const FIRING = 'ALERTS{alertname=~"Assay.+", alertstate="firing"}';

export function dashboard({ uid, title, description, head, sections }: About): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-1h", to: "now" })
    .refresh("10s")
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(instances())
    .annotation(alerts())
    .link(
      new DashboardLinkBuilder("Assay").type(DashboardLinkType.Dashboards).tags([TAG]).includeVars(true).keepTime(true),
    );
  for (const panel of head) builder.withPanel(panel);
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title));
    for (const panel of section.panels) builder.withPanel(panel);
  }
  return finished(builder.build());
}

function instances(): QueryVariableBuilder {
  return new QueryVariableBuilder("instance")
    .label("Instance")
    .description("Which instances of Assay the panels show.")
    .datasource(DATASOURCE)
    .query({ query: `label_values(${TOLD_BY_ALL}, instance)`, refId: "instances" })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: "All", value: "$__all" });
}

function alerts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name("Alerts")
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor("red")
    .expr(FIRING)
    .titleFormat("{{alertname}}")
    .textFormat("{{assay_signal_kind}} {{instance}}");
}

/** Each panel with a number of its own, and the links where they are seen: the SDK would put them into a menu. */
function finished({ panels = [], links = [], ...built }: Dashboard): Dashboard {
  return {
    ...built,
    panels: panels.map((panel, index) => Object.assign(panel, { id: index + 1 })),
    links: links.map(({ placement: _menu, ...link }) => link),
  };
}
