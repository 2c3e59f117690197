import type { InactiveReason } from "../../src/core/inactive-reason.ts";

/** From where a client's request came, as a caller forwards it. Empty where the caller forwards nothing. */
export type Context = { clientIp?: string; userAgent?: string };

export type TokenKind = "access_jwt" | "access_opaque" | "refresh";

/** What a server knows of a token that it recognises. All names are opaque. Times in milliseconds since the epoch. */
export type TokenIdentity = {
  id: string;
  kind: TokenKind;
  client: string;
  issuedAt: number;
  expiresAt: number;
  /** Whom it was issued to. */
  issuedTo: Context;
  audience: readonly string[];
  /** Absent for a client's own token. */
  subject?: string;
  /** Absent where nothing refreshes it. */
  family?: string;
  /** Of a refresh token. */
  generation?: number;
  /** The thumbprint of the key that its holder proves. */
  boundTo?: string;
};

/** What every observation says. */
export type Seen = Context & {
  /** In milliseconds since the epoch. */
  at: number;
  /** Which instance of Assay. */
  instance: string;
  /** The resource server or gateway that asked. */
  caller: string;
  /** What the caller asked for. */
  audience: readonly string[];
  /** Absent where the server could not know it: a malformed, unknown or forged token. */
  token?: TokenIdentity;
  /** As the header of the presented JWT names it, known or not. */
  keyId?: string;
  /** The DPoP proof that came with it. */
  proof?: { id: string; key: string };
  /** The caller's, by which it repeats a call. */
  requestId?: string;
};

/** What one instance observes of one call. */
export type Observation =
  | (Seen & { kind: "introspect"; outcome: "active" | InactiveReason })
  | (Seen & {
      kind: "refresh";
      outcome: "rotated" | "retried" | "predecessor_reused" | "stale_generation" | "refused";
      /** The access token that came of it. */
      issued?: TokenIdentity;
    })
  | (Seen & { kind: "issue"; outcome: "issued"; issued: TokenIdentity });
