import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import type { Environment } from "../core/environment.ts";
import type { TrailHealth } from "../telemetry/trail-health.ts";
import type { RpcContext } from "../transport/grpc/rpc.ts";
import type { Service } from "../transport/grpc/service.ts";
import type { RevocationView } from "../core/revocations/revocations.ts";
import type { OpenKeys } from "./issuer-key-pool.ts";
import type { Siblings } from "./siblings.ts";
import type { Problematic } from "./upkeep.ts";

/** What a role is opened with. */
export type RoleOptions = {
  config: Config;
  log: Logger;
  /** What is opened is put here, to be closed in reverse. */
  opened: AsyncDisposableStack;
  isTraced: boolean;
  /** Whether what must be written down can be. */
  trail: TrailHealth;
  openIssuerKeys: OpenKeys;
  /** Absent where this process is alone. */
  siblings: Siblings | undefined;
};

/** What a process is. */
export type OpenedRole<Role extends Environment> = {
  /**
   * What calls are answered from, by a configuration that may have changed since the start.
   * @throws StartError when the keys of an issuer cannot be had as configured
   */
  environmentBy: (config: Config) => Role;
  services: (context: RpcContext<Role>) => Service[];
  revocations: RevocationView;
  /** What must be well for it to be ready. */
  parts: readonly Problematic[];
  /** Finishes what calls have left to be done, for so long at most. To be called when there are none any more. Never rejects. */
  drain?: (withinMs: number, hurry: AbortSignal) => Promise<void>;
};

/** WebCrypto works in four threads: more at once would only fill their queue. */
export const SIGNATURE_CHECKS = { atOnce: 32, waiting: 4_096 };
