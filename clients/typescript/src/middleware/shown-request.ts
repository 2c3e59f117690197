import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ShownRequest } from "./authorize.ts";

/** Of a server that is made of node:http. @param url as the client sent it, whatever the framework has made of `request.url` */
export function shownRequest(request: IncomingMessage, url: string): ShownRequest {
  const { rawHeaders, method = "", socket } = request;
  const headers = { authorization: linesOf(rawHeaders, "authorization"), dpop: linesOf(rawHeaders, "dpop") };
  return { ...headers, method, ...partsOf(url), certificateSha256: certificateOf(socket) };
}

/** Of a request target, which may be absolute (RFC 9112 section 3.2.2). */
export function partsOf(url: string): { path: string; query: string } {
  const [path = "", query = ""] = url.replace(/^https?:\/\/[^/?]*/i, "").split(/\?(.*)/s);
  return { path: path === "" ? "/" : path, query };
}

/** Each by itself: node:http drops all but the first of some names. */
function linesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** The certificate that the client proved, as a token names it (RFC 8705 section 3.1). */
export function certificateOf(socket: Socket | undefined): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : createHash("sha256").update(raw).digest("base64url");
}
