import type { Config } from "../config/schema.ts";
import type { SigningAlgorithm } from "../core/ports.ts";
import { Secret } from "../core/secret.ts";
import type { MasterKeySource } from "../keys/master-key.ts";
import type { KeyringPolicy } from "../keys/plan-keyring.ts";
import { lifetimesMs } from "./greatest-lifetime.ts";

/** For differences between clocks, and the hour's jump of one that is tolerated. */
const MARGIN_MS = 65 * 60_000;

export function masterKeySource({ keys }: Config): MasterKeySource {
  return {
    dir: keys.dir,
    value: keys.master_key === undefined ? undefined : new Secret(keys.master_key),
    file: keys.master_key_file,
    previousFile: keys.previous_master_key_file,
  };
}

export function keyringPolicy(config: Config, algorithm: SigningAlgorithm = config.keys.algorithm): KeyringPolicy {
  const { access, families } = lifetimesMs(config);
  return {
    algorithm,
    publishBeforeMs: config.keys.publish_before,
    rotateEveryMs: config.keys.rotate_every,
    keepMs: { signing: access + MARGIN_MS, mac: families + MARGIN_MS },
  };
}
