import { expect, test } from "vitest";
import { fixedChanges, withFixed } from "../../src/compose/fixed-settings.ts";
import { type Config, configSchema } from "../../src/config/schema.ts";

const OF_CONNECTIONS =
  /^(?:connections|connection_age|connection_age_grace|connection_idle|keepalive_interval|keepalive_timeout|handshake_timeout|concurrent_streams|header_bytes)$/;

const running = configSchema.parse({ issuer: "https://assay.example", development: true });

/** The limit raised by one. */
function raised(name: keyof Config["limits"]): Config {
  return { ...running, limits: { ...running.limits, [name]: (running.limits[name] ?? 0) + 1 } };
}

test("each limit that differs is taken over, or named as one that waits for a restart", () => {
  const names = Object.keys(running.limits).filter((name): name is keyof Config["limits"] => name in running.limits);
  const outcomes = names.map((name) => {
    const changed = raised(name);
    const isTaken = withFixed(running, changed).limits[name] === changed.limits[name];
    return [name, isTaken, fixedChanges(running, changed)];
  });
  expect(outcomes).toEqual(
    names.map((name) => (OF_CONNECTIONS.test(name) ? [name, false, [`limits.${name}`]] : [name, true, []])),
  );
});

test("of signals, actions are taken over, and detectors named as what waits for a restart", () => {
  const signals = { actions: { proof_replayed: "revoke_token" }, detectors: { token_velocity: { enabled: false } } };
  const changed = configSchema.parse({ issuer: "https://assay.example", development: true, signals });
  expect(withFixed(running, changed).signals).toEqual({
    actions: changed.signals.actions,
    detectors: running.signals.detectors,
  });
  expect(fixedChanges(running, changed)).toEqual(["signals.detectors"]);
});
