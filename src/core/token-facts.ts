import type { Fingerprints } from "./fingerprints.ts";

/** What telemetry tells of the token that a call asks about. */
export type TokenFacts = Fingerprints & {
  format: "jwt" | "opaque" | "refresh";
  /** One that is trusted. */
  issuer: string;
  /** One that is configured. */
  clientId: string | undefined;
  /** Whether it was verified before, and not now. */
  isRemembered: boolean;
  /** How long ago it was last proved that no revocation is missing. */
  staleForMs: number;
};

/** Says on the span of a call, where that is recorded, what its token is. */
export type Annotate = { isWanted(): boolean; token(facts: TokenFacts): void };
