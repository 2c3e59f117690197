/** Who may speak to the console through a browser: pages of its own, and whoever types its address. */
import type { IncomingMessage } from "node:http";

/** `why` is a sentence for whoever reads the answer. */
export type Refusal = { status: number; why: string };

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Undefined where the request may be answered.
 *
 * In plaintext the console trusts who is on this machine, and so a page from elsewhere must not reach it under a name of its own (DNS
 * rebinding): the name must be this machine's. What another site's page asks for is refused, but for a link that is followed. What
 * changes something, or could, must come from a form of the console's own, by the browser's word (Fetch Metadata) or, where an older one
 * gives none, by its Origin.
 */
export function refusalOf(request: IncomingMessage, isEncrypted: boolean): Refusal | undefined {
  const { host = "" } = request.headers;
  if (!isEncrypted && !LOOPBACK_HOST.test(host)) {
    return {
      status: 403,
      why: "The console is served under a name of this machine only: localhost, 127.0.0.1 or [::1].",
    };
  }
  const isRead = request.method === "GET";
  const site = request.headers["sec-fetch-site"];
  if (isRead) {
    const isOurs = site === undefined || site === "same-origin" || site === "none";
    return isOurs || isFollowedLink(request) ? undefined : FROM_ELSEWHERE;
  }
  if (site !== undefined) return site === "same-origin" ? undefined : FROM_ELSEWHERE;
  const { origin } = request.headers;
  return origin === undefined || origin === `${isEncrypted ? "https" : "http"}://${host}` ? undefined : FROM_ELSEWHERE;
}

const FROM_ELSEWHERE: Refusal = { status: 403, why: "This came from a page of another site: open the console itself." };

function isFollowedLink({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}
