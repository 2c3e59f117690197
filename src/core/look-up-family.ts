import type { Caller } from "./caller.ts";
import type { Authority } from "./environment.ts";
import { readFamily } from "./family.ts";
import { packMarks } from "./revocations/marks.ts";
import { type Selector, selectorDigestText, selectorsOf } from "./selector.ts";
import { birthOf } from "./token/uuid.ts";
import { requireWholeAdmin } from "./whole-admin.ts";

/** How a family of refresh tokens stands. Times in milliseconds. */
export type LookedUpFamily = {
  /** `idle`: its refresh token expired unused. `ended`: it has lived as long as a family may. */
  state: "alive" | "revoked" | "idle" | "ended";
  clientId: string | undefined;
  generation: number;
  birth: number;
  rotatedAt: number;
  idleExpiresAt: number;
  expiresAt: number;
  /** By which of its names live revocations name it. */
  namedBy: readonly Selector["kind"][];
};

/**
 * A family of ours, as the store and the view know it now. Undefined where the store has none: it was never there, has ended and was
 * dropped, or its tokens were issued without a refresh token. Changes nothing.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `store_unavailable`, `keys_unavailable`
 */
export async function lookUpFamily(
  environment: Authority,
  caller: Caller,
  sid: string,
): Promise<LookedUpFamily | undefined> {
  requireWholeAdmin(caller);
  const birth = birthOf(sid);
  const family = birth === undefined ? undefined : await readFamily(environment, sid);
  if (birth === undefined || family === undefined) return undefined;
  const { record, grant } = family;
  const { sub, client_id: clientId } = grant.claims;
  const { revocations, keys, issuer: iss } = environment;
  await revocations.settle();
  const namedBy = selectorsOf({ iss, sid, sub, client_id: clientId, birth })
    .filter((selector) => revocations.nameOneOf(packMarks([[selectorDigestText(keys.selector, selector), birth]])))
    .map(({ kind }) => kind);
  const { generation, rotatedAt, idleExpiresAt, expiresAt } = record;
  return {
    state: stateOf(record, namedBy.length > 0, environment.store.clock.now()),
    clientId,
    generation,
    birth,
    rotatedAt,
    idleExpiresAt,
    expiresAt,
    namedBy,
  };
}

function stateOf(
  record: { dead: boolean; expiresAt: number; idleExpiresAt: number },
  isNamed: boolean,
  now: number,
): LookedUpFamily["state"] {
  if (record.dead || isNamed) return "revoked";
  if (now >= record.expiresAt) return "ended";
  return now >= record.idleExpiresAt ? "idle" : "alive";
}
