import type { Check } from "../draft.ts";
import { isLoopbackHost } from "../listen-address.ts";

const KNOWN = "write sqlite:PATH, redis://[USER:PASSWORD@]HOST[:PORT][/DB] or rediss://…";

/** The store is one that Assay knows, and no password or revocation goes over a network in the clear. Never quotes the URL. */
export const checkStore: Check = ({ store }, report) => {
  if (store.url === undefined) return;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(store.url)?.[1]?.toLowerCase();
  if (scheme === "sqlite") {
    const path = store.url.slice("sqlite:".length);
    if (path === "" || path === ":memory:")
      report(["store", "url"], "name a file that survives a restart: sqlite:./data/assay.db");
    return;
  }
  const url = scheme === "redis" || scheme === "rediss" ? URL.parse(store.url) : null;
  if (url === null || url.hostname === "") {
    report(["store", "url"], KNOWN);
    return;
  }
  if (scheme === "redis" && !isLoopbackHost(url.hostname) && store.unsafe_allow_plaintext === false) {
    report(
      ["store", "url"],
      "redis:// sends everything in the clear: write rediss://, or set store.unsafe_allow_plaintext where the network is trusted",
    );
  }
};
