import type { Config } from "../../config/schema.ts";
import { examineAuthorities } from "./authorities.ts";
import { examineCertificates } from "./certificates.ts";
import type { Finding } from "./finding.ts";
import { examineIssuer } from "./issuers.ts";
import { examineKeysAndStore } from "./keys-and-store.ts";
import { examineReceivers } from "./receivers.ts";

/** Looks at everything that an instance depends on, from here and now, also while instances run. Changes nothing. */
export async function examine(config: Config): Promise<Finding[]> {
  const findings = await Promise.all([
    config.role === "verifier" ? examineAuthorities(config) : examineKeysAndStore(config),
    examineCertificates(config, Date.now()),
    ...config.issuers.map(examineIssuer),
    examineReceivers(config),
  ]);
  return findings.flat();
}
