/** How the messages `Proof` and `Context` are checked and translated, wherever they appear. */
import type { PresentedProof } from "../../core/proof/presented-proof.ts";
import { Secret } from "../../core/secret.ts";
import type { Context, Proof } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import type { Fault } from "./text-rules.ts";
import { ipAddress, sha256 } from "./value-rules.ts";
import type { Violations } from "./violations.ts";

type Bearing = { proof: Proof | undefined; context: Context | undefined };

const GREATEST_USER_AGENT = 512;
const GREATEST_METHOD = 64;
const GREATEST_URI = 8_192;

/** `path` is what stands before the names of the fields: empty, or `refresh.`, say. */
export function checkProof(violations: Violations, path: string, { proof, context }: Bearing): void {
  checkContext(violations, path, { context });
  violations.add(`${path}context.http_method`, atMost(GREATEST_METHOD, context?.http_method));
  violations.add(`${path}context.http_uri`, atMost(GREATEST_URI, context?.http_uri));
  violations.add(`${path}proof.client_certificate_sha256`, sha256(proof?.client_certificate_sha256 ?? ""));
}

/** Whence the client came. */
export function checkContext(violations: Violations, path: string, { context }: Pick<Bearing, "context">): void {
  violations.add(`${path}context.client_ip`, ipAddress(context?.client_ip ?? ""));
  violations.add(`${path}context.user_agent`, atMost(GREATEST_USER_AGENT, context?.user_agent));
}

export function proofToCore({ proof, context }: Bearing, facts: CallFacts): PresentedProof {
  const { dpop = "", client_certificate_sha256: clientCertificate = "" } = proof ?? {};
  const { http_method: method = "", http_uri: uri = "" } = context ?? {};
  const { requestId, callerCertificate } = facts;
  return {
    ...(dpop === "" ? {} : { dpop: new Secret(dpop) }),
    ...(clientCertificate === "" ? {} : { clientCertificate }),
    ...(callerCertificate === undefined ? {} : { callerCertificate }),
    ...(method === "" || uri === "" ? {} : { http: { method, uri } }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** It comes from anybody's browser, so nothing but its size is held against it. */
function atMost(greatest: number, value = ""): Fault {
  return Buffer.byteLength(value) > greatest ? `must be at most ${greatest} bytes` : undefined;
}
