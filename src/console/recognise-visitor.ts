import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { bindCaller } from "../core/bind-caller.ts";
import type { Caller } from "../core/caller.ts";
import { AssayError } from "../core/error.ts";
import { requireWholeAdmin } from "../core/whole-admin.ts";
import type { Presented, Shown } from "./shown.ts";

/** Who asks, and whether by credentials of its own. */
export type Visitor = { caller: Caller; isKnown: boolean };

const BASIC = /^basic +([\w+/]+={0,2})$/i;

/** Whoever is on this machine may look; where the service trusts this machine with everything, change too. */
export function operator(isDevelopment: boolean): Caller {
  return bindCaller({
    name: "console",
    audiences: new Set(),
    clients: "all",
    permissions: isDevelopment
      ? [
          ["admin", {}],
          ["revoke", {}],
        ]
      : [["admin", {}]],
  });
}

/**
 * By the certificate of the connection, by `Bearer` credentials as everywhere, or by `Basic`, with a caller's name and its secret, for which
 * browsers ask. Where the connection cannot have left this machine whoever presents nothing is the operator.
 * @param local the operator; undefined where connections are encrypted
 * @throws AssayError `caller_unknown`, `permission_missing`, `client_not_allowed`, `keys_unavailable`, `store_unavailable`
 */
export async function recogniseVisitor(
  { recognise }: Pick<Shown, "recognise">,
  request: IncomingMessage,
  local: Caller | undefined,
): Promise<Visitor> {
  const { authorization } = request.headers;
  if (authorization === undefined && local !== undefined) return { caller: local, isKnown: false };
  const basic = authorization === undefined ? undefined : readBasic(authorization);
  const caller = await recognise({ ...presentedBy(request), authorization: basic?.bearer ?? authorization });
  if (basic !== undefined && basic.name !== caller.name) throw unknownVisitor(NOT_ITS_SECRET);
  requireWholeAdmin(caller);
  return { caller, isKnown: true };
}

function presentedBy({ socket }: IncomingMessage): Omit<Presented, "authorization"> {
  const peer = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined)
    return { peer, certificate: undefined };
  // Where a certificate is optional, a wrong one must not pass for none.
  if (!socket.authorized) throw unknownVisitor("the client certificate is not good for listen.tls.client_ca");
  return { peer, certificate: socket.getPeerCertificate() };
}

/** A secret holds no colon, a name may. */
function readBasic(authorization: string): { name: string; bearer: string } | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.lastIndexOf(":");
  return { name: text.slice(0, Math.max(0, colon)), bearer: `Bearer ${text.slice(colon + 1)}` };
}

const NOT_ITS_SECRET = "the name is not that of the caller whose secret was given";

function unknownVisitor(why: string): AssayError {
  return new AssayError("caller_unknown", why);
}
