import { isLoopbackHost } from "./listen-address.ts";
import { redisHosts } from "./redis-hosts.ts";
import type { Config } from "./schema.ts";

/** Which safety settings are off, and what that means, a sentence each. Empty for a configuration fit for production. */
export function unsafeSettings(config: Config): string[] {
  return [...whoMayCall(config), ...whatIsStored(config), ...whereKeysComeFrom(config), ...whereEventsGo(config)];
}

function whoMayCall({ development, listen }: Config): string[] {
  return [
    development &&
      "development: whoever reaches the address is a caller with every permission, without authenticating.",
    listen.tls === undefined && "listen.tls is absent: tokens travel in plaintext, on this machine only.",
    (listen.reflection ?? development) && "listen.reflection is on: the contract is served to everyone who connects.",
  ].filter((sentence) => sentence !== false);
}

function whatIsStored({ issuer, store, role, upstream }: Config): string[] {
  if (role === "verifier") {
    const isPlain = upstream?.tls === undefined;
    return isPlain ? ["upstream.tls is absent: tokens and keys travel in plaintext, on this machine only."] : [];
  }
  const redis = redisHosts(store.url);
  const plaintext = redis !== undefined && !redis.tls && !redis.hosts.every(isLoopbackHost);
  return [
    issuer.startsWith("http://") && "issuer is an http:// URL: nobody else can verify whose it is.",
    store.unsafe_allow_volatile && "store.unsafe_allow_volatile: an acknowledged revocation may be lost.",
    plaintext && "store.unsafe_allow_plaintext: the store's password and records cross the network in plaintext.",
    store.attest_durable && "store.attest_durable: that the store is durable is your word, Assay does not check it.",
  ].filter((sentence) => sentence !== false);
}

function whereKeysComeFrom({ issuers }: Config): string[] {
  return issuers.flatMap(({ issuer, allow_http_loopback: http, keys }) => [
    ...(http ? [`issuers: the keys of ${issuer} may be fetched over http:// on loopback.`] : []),
    ...(keys.allow_private_addresses ? [`issuers: the keys of ${issuer} may come from private addresses.`] : []),
  ]);
}

function whereEventsGo({ events }: Config): string[] {
  const plain = events.receivers.filter(({ url }) => url.toLowerCase().startsWith("http://"));
  return plain.map(({ name }) => `events: ${name} is told of events in plaintext, on this machine only.`);
}
