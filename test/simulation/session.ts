import type { Context, TokenIdentity } from "./observation.ts";
import { SERVICES } from "./callers.ts";
import { DAY, MINUTE } from "./time.ts";

/** Whose tokens they are. */
export type Holder = {
  subject: string;
  client: string;
  format: "access_jwt" | "access_opaque";
  /** The thumbprint of the key that the holder proves. */
  boundTo?: string;
  /** In milliseconds; Assay's default where it is absent. */
  accessLifetime?: number;
};

/** A family as its client holds it: the newest of its tokens. */
export type Session = { holder: Holder; access: TokenIdentity; refresh: TokenIdentity; generation: number };

/** Assay's defaults. */
const ACCESS_LIFETIME = 15 * MINUTE;
const REFRESH_IDLE_LIFETIME = 7 * DAY;
const AUDIENCE = SERVICES.map(({ audience }) => audience);

/** A first issue. @param at in milliseconds: no two of one subject and client at the same */
export function logIn(holder: Holder, at: number, context: Context): Session {
  return generationOf(holder, `${holder.client}/${holder.subject}/${at}`, 0, at, context);
}

/** What a refresh yields. */
export function rotate({ holder, refresh, generation }: Session, at: number, context: Context): Session {
  return generationOf(holder, refresh.family ?? refresh.id, generation + 1, at, context);
}

function generationOf(holder: Holder, family: string, generation: number, at: number, issuedTo: Context): Session {
  const { subject, client, format, boundTo, accessLifetime = ACCESS_LIFETIME } = holder;
  const shared = { client, subject, family, issuedAt: at, issuedTo, ...(boundTo === undefined ? {} : { boundTo }) };
  return {
    holder,
    generation,
    access: {
      ...shared,
      id: `${family}#access-${generation}`,
      kind: format,
      expiresAt: at + accessLifetime,
      audience: AUDIENCE,
    },
    refresh: {
      ...shared,
      id: `${family}#refresh-${generation}`,
      kind: "refresh",
      generation,
      expiresAt: at + REFRESH_IDLE_LIFETIME,
      audience: [],
    },
  };
}
