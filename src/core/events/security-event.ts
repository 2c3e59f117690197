/** An event that receivers are told in a Security Event Token (RFC 8417). */

/** By what a subject is known (RFC 9493 section 3.2; `jwt_id` is OpenID SSF 1.0's). */
export type SimpleSubject =
  | { format: "iss_sub"; iss: string; sub: string }
  | { format: "opaque"; id: string }
  | { format: "jwt_id"; iss: string; jti: string }
  | { format: "uri"; uri: string };

/** OpenID SSF 1.0: whatever has all of these. `token`, `key`, `issuer` and `caller` are members of our own. */
export type ComplexSubject = { format: "complex" } & Partial<
  Record<"user" | "session" | "application" | "token" | "key" | "issuer" | "caller", SimpleSubject>
>;

/** The type of each event, by the name that the configuration has for it. The first two are OpenID CAEP 1.0's. */
export const EVENT_TYPES = {
  "session-revoked": "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
  "token-claims-change": "https://schemas.openid.net/secevent/caep/event-type/token-claims-change",
  signal: "urn:assay:event:signal",
} as const;

export type EventName = keyof typeof EVENT_TYPES;

export type SecurityEvent = {
  name: EventName;
  /** When it happened: milliseconds since the epoch. */
  at: number;
  subject: SimpleSubject | ComplexSubject;
  /** What else its type has, but for the time. */
  details: Readonly<Record<string, unknown>>;
};
