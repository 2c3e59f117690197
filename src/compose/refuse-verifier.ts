import type { Config } from "../config/schema.ts";
import { StartError } from "../core/start-error.ts";

/** For what only an authority has. @throws StartError */
export function refuseVerifier({ role }: Config): void {
  if (role !== "verifier") return;
  throw new StartError(
    "This is a verifier's configuration, and a verifier has neither store nor keys: run this where an authority runs.",
  );
}
