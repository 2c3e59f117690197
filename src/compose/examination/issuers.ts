import type { TrustedIssuerConfig } from "../../config/schema.ts";
import { StartError } from "../../core/start-error.ts";
import { chainOf, loadIssuerKeys } from "../../keys/issuer-keys.ts";
import { KeyFetchError } from "../../keys/key-fetch-error.ts";
import { issuerKeyOptions } from "../issuer-key-options.ts";
import type { Finding } from "./finding.ts";

/** Whether the keys of a foreign issuer can be had, and which of them are not trusted. */
export async function examineIssuer(config: TrustedIssuerConfig): Promise<Finding[]> {
  const subject = `issuer ${config.issuer}`;
  try {
    const { size, refused } = await loadIssuerKeys(issuerKeyOptions(config));
    const dropped: Finding[] = refused.map((why) => {
      return { subject, state: "warning", says: `${why}: it is not used. Tell the issuer to replace it.` };
    });
    if (size > 0) return [{ subject, state: "ok", says: `${size} keys, ${sourceOf(config)}.` }, ...dropped];
    const says = `There is no key that could be used, ${sourceOf(config)}: every token of it would be inactive.`;
    return [{ subject, state: "fault", says }, ...dropped];
  } catch (error) {
    return [{ subject, state: "fault", says: whyNot(config, error) }];
  }
}

function whyNot(config: TrustedIssuerConfig, error: unknown): string {
  if (error instanceof StartError) return error.message;
  const mend = error instanceof KeyFetchError ? MENDS[error.outcome] : "See that the address is right.";
  return `Its keys could not be had, ${sourceOf(config)}: ${chainOf(error)}. ${mend}`;
}

const MENDS: Readonly<Record<KeyFetchError["outcome"], string>> = {
  timeout: "See that it can be reached from here, or raise keys.timeout.",
  unreachable: "See that it can be reached from here, and that its certificate is trusted (NODE_EXTRA_CA_CERTS).",
  forbidden_address: "Only public addresses are allowed otherwise.",
  status: "Correct the issuer or its jwks_uri.",
  too_large: "A key set of this size is not meant for verifiers: correct the address.",
  unfit: "Correct the address, or tell the issuer.",
};

function sourceOf({ discovery, jwks_uri: uri, jwks_file: file }: TrustedIssuerConfig): string {
  if (discovery) return "found by discovery";
  return `from ${uri ?? file ?? "nowhere"}`;
}
