import type { SigningAlgorithm } from "../../src/core/ports.ts";
import type { KeyringPolicy } from "../../src/keys/plan-keyring.ts";

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const ISSUER = "https://assay.example";

export function policy(algorithm: SigningAlgorithm = "EdDSA"): KeyringPolicy {
  return {
    algorithm,
    publishBeforeMs: MINUTE,
    rotateEveryMs: 90 * DAY,
    keepMs: { signing: 2 * 60 * MINUTE, mac: 30 * DAY },
  };
}
