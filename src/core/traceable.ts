import type { Origin } from "./token/verified-token.ts";

/** What of a token it can be followed by. */
export type Traceable = Pick<Origin, "iss" | "jti" | "digest" | "sid" | "sub">;
