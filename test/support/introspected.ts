/** What Introspect is asked and answers, as a test sees it. */
import type { ToldSignal } from "./signal-watch.ts";
import { type Json, jsonOf, type Struct } from "./struct.ts";

export type Introspected = {
  active?: true;
  scope?: string;
  client_id?: string;
  username?: string;
  token_type?: string;
  exp?: number;
  iat?: number;
  nbf?: number;
  sub?: string;
  aud?: string[];
  iss?: string;
  jti?: string;
  sid?: string;
  cnf?: Confirmation;
  act?: { [name: string]: Json };
  auth_time?: number;
  acr?: string;
  amr?: string[];
  claims?: { [name: string]: Json };
  challenge?: string;
  inactive_reason?: string;
  dpop_nonce?: string;
  revision?: string;
  stale_for?: { seconds?: number; nanos?: number };
  cacheable_for?: { seconds?: number; nanos?: number };
  marks?: { digest: Buffer; born_at_ms: number }[];
  signals?: ToldSignal[];
};

/** As it is decoded: `claims` and `act` are Structs. */
export type IntrospectedMessage = Omit<Introspected, "claims" | "act"> & { claims?: Struct; act?: Struct };

export type Confirmation = { jkt?: string; x5t_s256?: string };
export type ProofInput = { dpop?: string; client_certificate_sha256?: string };
export type ContextInput = { client_ip?: string; user_agent?: string; http_method?: string; http_uri?: string };

export type IntrospectInput = {
  token?: string;
  token_type_hint?: string;
  audience?: string[];
  required_scopes?: string[];
  context?: ContextInput;
  proof?: ProofInput;
  at_least_as_fresh?: string;
  with_marks?: boolean;
  with_signals?: boolean;
};

/** An answer of Introspect with plain JSON in it. */
export function plainClaims({ claims, act, ...answer }: IntrospectedMessage): Introspected {
  return {
    ...answer,
    ...(act === undefined ? {} : { act: jsonOf(act) }),
    ...(claims === undefined ? {} : { claims: jsonOf(claims) }),
  };
}
