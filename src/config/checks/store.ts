import type { Check, Draft } from "../draft.ts";
import { isLoopbackHost } from "../listen-address.ts";
import { redisHosts, type RedisHosts } from "../redis-hosts.ts";

type Report = Parameters<Check>[1];

const KNOWN =
  "write sqlite:PATH, redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://HOST[:PORT],…/NAME[/DB] or redis+cluster://HOST[:PORT],…, with rediss for TLS";

/** The store is one that Assay knows, and no password or revocation goes over a network in the clear. Never quotes the URL. */
export const checkStore: Check = ({ store }, report) => {
  checkDurability(store, report);
  if (store.tls !== undefined && (store.tls.certificate === undefined) !== (store.tls.key === undefined)) {
    report(["store", "tls"], "certificate and key go together: give both, or neither");
  }
  if (store.url === undefined) return;
  if (/^sqlite:/i.test(store.url)) {
    const path = store.url.slice("sqlite:".length);
    if (path === "" || path === ":memory:")
      report(["store", "url"], "name a file that survives a restart: sqlite:./data/assay.db");
    reportForRedisOnly(store, report);
    return;
  }
  const redis = redisHosts(store.url);
  if (redis === undefined) {
    report(["store", "url"], KNOWN);
    return;
  }
  checkRedis(store, redis, report);
};

function checkDurability({ durability, replicas }: Draft["store"], report: Report): void {
  if (durability === "replicated" && replicas === undefined) {
    report(["store", "replicas"], "is needed by durability replicated: say how many replicas must have each write");
  }
  if (durability === "local" && replicas !== undefined) {
    report(["store", "replicas"], "means nothing with durability local: write durability: replicated, or remove it");
  }
}

function reportForRedisOnly({ durability, tls }: Draft["store"], report: Report): void {
  if (durability === "replicated") {
    report(["store", "durability"], "SQLite has no replicas: write local, or name a Redis in store.url");
  }
  if (tls !== undefined) report(["store", "tls"], "is for a Redis: remove it");
}

function checkRedis(store: Draft["store"], { kind, tls, hosts }: RedisHosts, report: Report): void {
  if (!tls && store.unsafe_allow_plaintext === false && !hosts.every(isLoopbackHost)) {
    report(
      ["store", "url"],
      "redis:// sends everything in the clear: write rediss://, or set store.unsafe_allow_plaintext where the network is trusted",
    );
  }
  if (!tls && store.tls !== undefined) report(["store", "tls"], "is not used by this URL: write rediss, or remove it");
  for (const key of ["sentinel_username", "sentinel_password"] as const) {
    if (kind !== "sentinel" && store[key] !== undefined) {
      report(["store", key], "is for a redis+sentinel:// URL: remove it");
    }
  }
}
