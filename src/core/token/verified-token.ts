import type { Claims } from "./claims.ts";

/** What a revocation can name of one token. A token that came from others carries theirs too, and dies with them. */
export type Origin = {
  iss: string;
  /** Milliseconds: what a cut-off is compared with. */
  birth: number;
  jti?: string | undefined;
  /** In place of an absent `jti`: base64url SHA-256 of `header.payload`. */
  digest?: string | undefined;
  sid?: string | undefined;
  sub?: string | undefined;
  client_id?: string | undefined;
  /** The key that signed it. */
  kid?: string | undefined;
};

/** A token that is genuine. Whether it is alive, unrevoked and meant for the caller is decided elsewhere. */
export type VerifiedToken = {
  kind: "access" | "refresh";
  claims: Claims;
  /** Itself first, then whatever it came from. */
  origins: readonly [Origin, ...Origin[]];
  /** Seconds that its issuer's clock may be off. */
  leeway: number;
};

/** A token that only an authority recognises, with how a refresh token stands in its family. */
export type OwnToken = VerifiedToken & { standing: "current" | "superseded" | "dead" };
