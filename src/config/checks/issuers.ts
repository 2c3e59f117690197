import type { Path } from "../config-error.ts";
import type { Check, Draft } from "../draft.ts";
import { reportDuplicates } from "./duplicates.ts";
import { issuerUrlFault, secureUrlFault } from "./issuer-url.ts";

/** Our own issuer and those whose tokens are trusted: told apart, and their keys from one place that nobody else can speak for. */
export const checkIssuers: Check = (draft, report) => {
  // A verifier takes the name from its authority, which may be a development start.
  const isHttpAllowed = draft.development !== false || draft.role === "verifier";
  const fault = draft.issuer === undefined ? undefined : issuerUrlFault(draft.issuer, isHttpAllowed);
  if (fault !== undefined) report(["issuer"], `${fault} (http:// is allowed for loopback hosts in development only)`);
  for (const [index, issuer] of draft.issuers.entries()) {
    const at = (...rest: Path): Path => ["issuers", index, ...rest];
    if (issuer.issuer !== undefined && issuer.issuer === draft.issuer) {
      report(at("issuer"), "is Assay's own issuer, which needs no entry here: remove it");
    }
    const fetched = fetchedFrom(issuer);
    if (fetched !== undefined) {
      const isIssuer = fetched.key === "issuer";
      const wrong = (isIssuer ? issuerUrlFault : secureUrlFault)(fetched.url, issuer.allow_http_loopback !== false);
      if (wrong !== undefined)
        report(at(fetched.key), `${wrong} (http:// needs a loopback host and allow_http_loopback)`);
    }
    if (issuer.use?.includes("tokens") === true && issuer.audiences?.length === 0) {
      report(at("audiences"), "is missing: add it. A token must name at least one.");
    }
    const sources = [issuer.discovery === true, "jwks_uri" in issuer, "jwks_file" in issuer].filter(Boolean).length;
    if (sources === 1) continue;
    const problem = sources === 0 ? "nothing says where its keys are" : "its keys would come from several places";
    report(at("jwks_uri"), `${problem}: give exactly one of discovery: true, jwks_uri, jwks_file`);
  }
  reportDuplicates(
    draft.issuers.map(({ issuer }, index) => ({ value: issuer, path: ["issuers", index, "issuer"] })),
    "this issuer is listed already",
    report,
  );
};

function fetchedFrom(issuer: Draft["issuers"][number]): { key: "issuer" | "jwks_uri"; url: string } | undefined {
  if (issuer.jwks_uri !== undefined) return { key: "jwks_uri", url: issuer.jwks_uri };
  if (issuer.discovery === true && issuer.issuer !== undefined) return { key: "issuer", url: issuer.issuer };
  return undefined;
}
