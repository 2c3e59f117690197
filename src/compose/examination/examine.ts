import type { Config } from "../../config/schema.ts";
import { examineCertificates } from "./certificates.ts";
import type { Finding } from "./finding.ts";
import { examineIssuer } from "./issuers.ts";
import { examineMasterKey, examineStore } from "./store.ts";

/** Looks at everything that a start depends on, from here and now. Makes and changes nothing. */
export async function examine(config: Config): Promise<Finding[]> {
  const findings = await Promise.all([
    examineMasterKey(config),
    examineStore(config),
    examineCertificates(config, Date.now()),
    ...config.issuers.map(examineIssuer),
  ]);
  return findings.flat();
}
