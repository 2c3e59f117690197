/** How a verifier and its authorities know each other. */
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { type Certificates, type KeyPair, makeCertificates, selfSigned } from "../support/certificates.ts";
import { issuer, service, startAuthority, startVerifier, verifierCaller } from "../support/deployment.ts";
import { API, ORDERS, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const ends: (() => Promise<unknown>)[] = [];
const mint = { client_id: "web", subject: "alice", audience: [API], format: "OPAQUE" as const };

let certificates: Certificates;
let own: KeyPair;
beforeAll(async () => {
  certificates = await makeCertificates(await temporaryDirectory((end) => void ends.unshift(end)));
  own = await certificates.client("URI:spiffe://example/verifier");
  return async () => {
    for (const end of ends) await end();
  };
});

/** Its callers by certificate, and `issuer` by secret. */
function guarded(): Promise<TestServer> {
  const { certificateFile: certificate, keyFile: key } = certificates.server;
  const verifier = { ...verifierCaller.entry, secret_sha256: [], certificate_san: ["URI:spiffe://example/verifier"] };
  return startAuthority({
    callers: [verifier, issuer.entry],
    listen: { tls: { certificate, key, client_ca: certificates.caFile } },
  });
}

/** By certificate alone. */
function shown(address: string, tls: object, pair: KeyPair = own): Pick<ConfigInput, "upstream"> {
  const { certificateFile: certificate, keyFile: key } = pair;
  const files = { ca: certificates.caFile, certificate, key, ...tls };
  return { upstream: { authorities: [address], timeout: "2s", secret_file: undefined, tls: files } };
}

describe("over TLS", () => {
  test("a verifier is known by its certificate, at an address or by a name", async () => {
    const authority = await guarded();
    const issuing = authority.client({ ...issuer, tls: { ca: certificates.ca } });
    const { access_token: token } = await issuing.issue({ mint });
    const port = authority.address.split(":")[1];
    const ways = [
      shown(authority.address, {}),
      shown(`localhost:${port}`, {}),
      shown(authority.address, { server_name: "localhost" }),
    ];
    for (const way of ways) {
      const verifier = await startVerifier([], way);
      expect(await verifier.client(service).introspect({ token })).toMatchObject({ active: true });
    }
  });

  test("an authority of another name, or that nobody trusted signed, is not joined", async () => {
    const authority = await guarded();
    const stranger = await selfSigned(await temporaryDirectory(), "stranger");
    const wrong = [
      [{ server_name: "another.example" }, /cannot be reached .*another\.example/],
      [{ ca: stranger.certificateFile }, /cannot be reached .*certificate/],
    ] as const;
    for (const [tls, why] of wrong) expect((await startVerifier([], shown(authority.address, tls))).log()).toMatch(why);
  });

  test("a verifier with another certificate is told what is missing", async () => {
    const authority = await guarded();
    const another = await certificates.client("URI:spiffe://example/another");
    const verifier = await startVerifier([], shown(authority.address, {}, another));
    expect(verifier.log()).toContain("it does not know this verifier");
  });

  test("files that cannot be read are named, and it starts all the same", async () => {
    const authority = await guarded();
    const verifier = await startVerifier([], shown(authority.address, { key: "/absent/key.pem" }));
    expect(verifier.log()).toContain("The file /absent/key.pem of upstream.tls.key cannot be read.");
  });
});

test("over a Unix socket a verifier follows the authority beside it", async () => {
  const directory = await temporaryDirectory(onTestFinished);
  await chmod(directory, 0o755);
  const address = `unix:${join(directory, "assay.sock")}`;
  const authority = await startAuthority({ listen: { address } });
  const { access_token: token } = await authority.client(issuer).issue({ mint: { ...mint, audience: [ORDERS, API] } });
  const verifier = await startVerifier([address]);
  expect(await verifier.client(service).introspect({ token })).toMatchObject({ active: true });
});
