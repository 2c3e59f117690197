import { expect, test } from "vitest";
import { detectorRules } from "../../src/compose/detector-rules.ts";
import { configSchema } from "../../src/config/schema.ts";
import { DEFAULT_RULES } from "../../src/core/signals/rules.ts";

test("the configuration's defaults are those that the simulator judges", () => {
  expect(detectorRules(configSchema.parse({ issuer: "https://assay.example" }))).toEqual(DEFAULT_RULES);
});

test("what is configured is what is judged by", () => {
  const config = configSchema.parse({
    issuer: "https://assay.example",
    signals: {
      detectors: { token_velocity: { enabled: false, uses: 7, times: 3, window: "2m", habit: "1h", cooldown: "5s" } },
    },
  });
  const rule = { enabled: false, uses: 7, times: 3, windowMs: 120_000, habitMs: 3_600_000, cooldownMs: 5_000 };
  expect(detectorRules(config).token_velocity).toEqual(rule);
});
