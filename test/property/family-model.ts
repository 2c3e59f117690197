/** A reference model of one family's refresh rotation: the table of the design, as plainly as it can be said. Times in seconds. */
export type ModelFamily = {
  generation: number;
  rotatedAt: number;
  idleExpiresAt: number;
  expiresAt: number;
  /** What the last rotation was asked for. */
  request: string;
  dead: boolean;
};

export type ModelOutcome = { issued: number } | "refused";

export const GRACE = 10;
export const IDLE = 3_600;
export const ABSOLUTE = 10_000;
export const ACCESS = 900;

export function newFamily(now: number): ModelFamily {
  const rotation = { generation: 0, rotatedAt: now, request: "" };
  return { ...rotation, idleExpiresAt: now + IDLE, expiresAt: now + ABSOLUTE, dead: false };
}

/** What presenting a genuine token of a generation does. */
export function present(
  family: ModelFamily,
  generation: number,
  request: string,
  now: number,
): [ModelFamily, ModelOutcome] {
  if (family.dead || now >= Math.min(family.idleExpiresAt, family.expiresAt)) return [family, "refused"];
  if (generation === family.generation) {
    const next = { generation: generation + 1, rotatedAt: now, request };
    return [{ ...family, ...next, idleExpiresAt: Math.min(now + IDLE, family.expiresAt) }, { issued: next.generation }];
  }
  const mayRetry =
    generation === family.generation - 1 && now - family.rotatedAt <= GRACE && request === family.request;
  return mayRetry ? [family, { issued: family.generation }] : [{ ...family, dead: true }, "refused"];
}

/** How introspection must see a refresh token of a generation. */
export function standing(family: ModelFamily, generation: number, now: number): string {
  if (now >= Math.min(family.idleExpiresAt, family.expiresAt)) return "expired";
  if (family.dead) return "revoked";
  return generation === family.generation ? "active" : "superseded";
}

/** How introspection must see an access token that expires then. */
export function accessStanding(family: ModelFamily, expiresAt: number, isRevoked: boolean, now: number): string {
  if (now >= expiresAt) return "expired";
  return family.dead || isRevoked ? "revoked" : "active";
}
