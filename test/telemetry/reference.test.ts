import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  ABOUT_ATTRIBUTES,
  type AttributeKey,
  ATTRIBUTES,
  LOG_EVENTS,
  SPAN_EVENTS,
  SPANS,
} from "../../src/telemetry/attributes.ts";

const PAGE = page("telemetry");
const METRICS_PAGE = page("operations");

type Described = Readonly<Record<string, { about: string; attributes: readonly AttributeKey[] }>>;

function page(name: string): string {
  return readFileSync(join(import.meta.dirname, `../../docs/${name}.md`), "utf8");
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** The table of what carries attributes, as the page must have it. */
function tableOf(head: string, described: Described): string {
  const rows = Object.entries(described).map(([name, { about, attributes }]) =>
    row(code(name), about, attributes.map((key) => code(ATTRIBUTES[key])).join(", ")),
  );
  return [row(head, "what it is", "attributes"), row("---", "---", "---"), ...rows].join("\n");
}

function attributeTable(): string {
  const keys = Object.keys(ABOUT_ATTRIBUTES).filter((key) => key in ATTRIBUTES);
  const about = new Map<string, string>(Object.entries(ABOUT_ATTRIBUTES));
  const names = new Map<string, string>(Object.entries(ATTRIBUTES));
  const rows = keys.map((key) => row(code(names.get(key) ?? ""), about.get(key) ?? ""));
  return [row("attribute", "what it says"), row("---", "---"), ...rows].join("\n");
}

describe("docs/telemetry.md", () => {
  test.each<[string, string]>([
    ["spans", tableOf("span", SPANS)],
    ["events of spans", tableOf("event", SPAN_EVENTS)],
    ["log events", tableOf("log event", LOG_EVENTS)],
    ["attributes", attributeTable()],
  ])("has the table of %s that src/telemetry/attributes.ts makes", (_what, table) => {
    expect(PAGE).toContain(`\n${table}\n`);
  });

  test("has an attribute described for each that something carries, and none that nothing does", () => {
    const carried = [SPANS, SPAN_EVENTS, LOG_EVENTS].flatMap((all: Described) =>
      Object.values(all).flatMap(({ attributes }) => attributes),
    );
    const labels = new Set(METRICS_PAGE.match(/(?<=`)[a-z_]+(?=`)/g));
    const uncarried = Object.entries(ATTRIBUTES).filter(
      ([key, name]) => !new Set<string>(carried).has(key) && !labels.has(name.replaceAll(".", "_")),
    );
    expect(uncarried).toEqual([]);
  });
});
