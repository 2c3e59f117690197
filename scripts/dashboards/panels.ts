/** The few kinds of panels that dashboards have, alike wherever they are. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { type Panel, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TextBuilder, TextMode } from "@grafana/grafana-foundation-sdk/text";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** By the name of the variable with which a dashboard begins. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** `legend` may hold labels, as `{{rpc_method}}`. */
type Query = { expr: string; legend: string };

/** From which value on it is looked at, and from which it is bad. */
type Limits = { warning: number; critical: number };

type About = {
  title: string;
  /** What is seen, and what it means, in plain words. */
  says: string;
  /** Of Grafana's: `s`, `bytes`, `percentunit`, `reqps` … */
  unit: string;
  /** Of 24. */
  width?: number;
};

const [LOW, HIGH] = [4, 8];
/** In which bars are counted: what happened once is then seen once. */
const BAR = "1m";

/** A line, or a stack of bars, for each series. */
export function plot(
  about: About & { queries: readonly Query[]; kind?: "lines" | "areas" | "bars"; limits?: Limits },
): Builder<Panel> {
  const { kind = "lines" } = about;
  const panel = new LinesBuilder()
    .title(about.title)
    .description(about.says)
    .datasource(DATASOURCE)
    .unit(about.unit)
    .min(0)
    .span(about.width ?? 12)
    .height(HIGH)
    .targets(about.queries.map(target))
    .drawStyle(kind === "bars" ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity({ lines: 5, areas: 40, bars: 80 }[kind])
    .stacking(new StackingConfigBuilder().mode(kind === "lines" ? StackingMode.None : StackingMode.Normal))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Right)
        .calcs(["lastNotNull", "max"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    // The service's name is the same for all.
    .withTransformation({
      id: "renameByRegex",
      options: { regex: "assay\\.v1\\.TokenService/(.*)", renamePattern: "$1" },
    });
  if (kind === "bars") panel.interval(BAR);
  if (about.limits === undefined) return panel;
  const dashed = new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed);
  return panel.thresholds(steps(about.limits)).thresholdsStyle(dashed);
}

/** One figure, as it is now. */
export function figure(about: About & { expr: string; limits?: Limits }): Builder<Panel> {
  const panel = new StatBuilder()
    .title(about.title)
    .description(about.says)
    .datasource(DATASOURCE)
    .unit(about.unit)
    .span(about.width ?? 4)
    .height(LOW)
    .targets([target({ expr: about.expr, legend: about.title }, 0)])
    .graphMode(BigValueGraphMode.Area)
    .colorMode(about.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  return about.limits === undefined ? panel : panel.thresholds(steps(about.limits));
}

/** How often something has happened within all that is shown: one figure. */
export function count(about: Omit<About, "unit"> & { expr: string; limits?: Limits }): Builder<Panel> {
  const panel = new StatBuilder()
    .title(about.title)
    .description(about.says)
    .datasource(DATASOURCE)
    .unit("short")
    .decimals(0)
    .span(about.width ?? 4)
    .height(LOW)
    .targets([instantly(about.expr)])
    .graphMode(BigValueGraphMode.None)
    .colorMode(about.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  return about.limits === undefined ? panel : panel.thresholds(steps(about.limits));
}

/** How a histogram's values lie, over time. @param `expr` a rate by `le` */
export function spread(about: About & { expr: string }): Builder<Panel> {
  const query = target({ expr: about.expr, legend: "{{le}}" }, 0).format(PromQueryFormat.Heatmap);
  return new HeatmapBuilder()
    .title(about.title)
    .description(about.says)
    .datasource(DATASOURCE)
    .unit(about.unit)
    .span(about.width ?? 12)
    .height(HIGH)
    .yAxis(new YAxisConfigBuilder().unit(about.unit))
    .targets([query]);
}

/** A row for each series, as it is now. `columns` are labels, in the order in which they are shown, and by which names. */
export function listing(
  about: About & { expr: string; columns: Readonly<Record<string, string>>; value: string },
): Builder<Panel> {
  const names = Object.keys(about.columns);
  return new TableBuilder()
    .title(about.title)
    .description(about.says)
    .datasource(DATASOURCE)
    .unit(about.unit)
    .decimals(0)
    .noValue("none")
    .span(about.width ?? 12)
    .height(HIGH)
    .targets([instantly(about.expr).format(PromQueryFormat.Table)])
    .withTransformation({ id: "filterFieldsByName", options: { include: { names: [...names, "Value"] } } })
    .withTransformation({
      id: "organize",
      options: {
        indexByName: Object.fromEntries([...names, "Value"].map((name, index) => [name, index])),
        renameByName: { ...about.columns, Value: about.value },
      },
    });
}

/** What the dashboard is, and how to read it: Markdown. */
export function note(content: string, height: number): Builder<Panel> {
  return new TextBuilder()
    .description("What this dashboard shows.")
    .transparent(true)
    .span(24)
    .height(height)
    .mode(TextMode.Markdown)
    .content(content);
}

function target({ expr, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId("ABCDEFGH".charAt(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .range()
    .legendFormat(legend);
}

function instantly(expr: string): DataqueryBuilder {
  return new DataqueryBuilder().refId("A").datasource(DATASOURCE).expr(expr).instant();
}

function steps({ warning, critical }: Limits): ThresholdsConfigBuilder {
  const all = [
    { value: null, color: "green" },
    ...(warning < critical ? [{ value: warning, color: "orange" }] : []),
    { value: critical, color: "red" },
  ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all);
}
