/** A server that trusts a local key, and tokens signed with that key that no honest provider makes. */
import type { Introspected, IntrospectInput } from "../support/introspected.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ForeignKeyPair, foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { API, startServerForFile } from "../support/server.ts";
import { signJws } from "../support/sign-jws.ts";
import { honestClaims, honestHeader, IDP, type Members } from "./honest-foreign-token.ts";

export type Forger = {
  key: ForeignKeyPair;
  /** An honest token with some members of header and claims changed. `undefined` leaves one out. */
  token(header: Members, claims: Members): string;
  /** The answer to a token, asked after an honest one was active: where nothing is active, no refusal proves anything. */
  answer(token: string, asked?: IntrospectInput): Promise<Introspected>;
  stop(): Promise<void>;
};

/** For all tests of a file. */
export async function startForger(): Promise<Forger> {
  const directory = await mkdtemp(join(tmpdir(), "assay-test-"));
  const file = join(directory, "jwks.json");
  const key = await foreignKeyPair("ES256", "idp");
  await writeFile(file, JSON.stringify({ keys: [key.publicJwk] }));
  const algorithms: ("ES256" | "RS256" | "EdDSA")[] = ["ES256", "RS256", "EdDSA"];
  const server = await startServerForFile({
    issuers: [{ issuer: IDP, jwks_file: file, algorithms, audiences: [API] }],
  });
  const client = server.client();
  const token: Forger["token"] = (header, claims) =>
    signJws({ ...honestHeader(), ...header }, { ...honestClaims(), ...claims }, key.privateKey);
  return {
    key,
    token,
    answer: async (suspect, asked) => {
      const { active } = await client.introspect({ token: token({}, {}) });
      if (active !== true) throw new Error("an honest token is not active");
      return client.introspect({ ...asked, token: suspect });
    },
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
