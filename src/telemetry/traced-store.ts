import type { Store, Trace } from "../core/ports.ts";
import { ATTRIBUTES } from "./attributes.ts";

/** The same store, with a span for each of its operations that a request waits for. */
export function tracedStore(store: Store, kind: "sqlite" | "redis", trace: Trace): Store {
  const { revocations, families, opaqueTokens, replays } = store;
  const attributes = { [ATTRIBUTES.storeKind]: kind };
  const spanned =
    <Parameters extends readonly unknown[], Result>(
      name: string,
      operation: (...parameters: Parameters) => Promise<Result>,
    ) =>
    (...parameters: Parameters) =>
      trace(`assay.store.${name}`, attributes, () => operation(...parameters));
  return {
    clock: store.clock,
    revocations: {
      append: spanned("revocations.append", (revocation) => revocations.append(revocation)),
      readSealed: spanned("revocations.read_sealed", (digests) => revocations.readSealed(digests)),
      // It belongs to no request.
      follow: (follower) => revocations.follow(follower),
    },
    families: {
      create: spanned("families.create", (id, record) => families.create(id, record)),
      read: spanned("families.read", (id) => families.read(id)),
      rotate: spanned("families.rotate", (id, rotation) => families.rotate(id, rotation)),
      kill: spanned("families.kill", (id) => families.kill(id)),
    },
    opaqueTokens: {
      put: spanned("opaque_tokens.put", (digest, sealed, expiresAt) => opaqueTokens.put(digest, sealed, expiresAt)),
      get: spanned("opaque_tokens.get", (digest) => opaqueTokens.get(digest)),
    },
    replays: {
      remember: spanned("replays.remember", (key, request, expiresAt) => replays.remember(key, request, expiresAt)),
    },
    // No request waits for them.
    networks: store.networks,
    keyrings: store.keyrings,
    // Nor does this.
    ...(store.signals === undefined ? {} : { signals: store.signals }),
    purge: () => store.purge(),
    problem: () => store.problem(),
    close: () => store.close(),
  };
}
