import type { Check, Draft } from "../draft.ts";
import { parseListenAddress, staysOnThisMachine } from "../listen-address.ts";

type Report = Parameters<Check>[1];

/** What a verifier takes from its authorities, or has not at all. */
const NOT_A_VERIFIERS = {
  store: "reaches no store",
  keys: "holds no keys",
  clients: "issues nothing itself",
  events: "signs nothing, so its authorities tell of what they revoke",
  tokens: "takes lifetimes and leeway from its authorities",
} as const;

const WRITE_ADDRESS = "write HOST:PORT, [IPv6]:PORT or unix:/absolute/path.sock";

/** A verifier has authorities, which it is safe to talk to, and nothing that is theirs; an authority has none. */
export const checkUpstream: Check = (draft, report) => {
  if (draft.role === "verifier") checkVerifier(draft, report);
  else if (draft.role === "authority" && draft.given.has("upstream"))
    report(["upstream"], "is for verifiers: write role: verifier, or remove it");
};

function checkVerifier(draft: Draft, report: Report): void {
  for (const [section, why] of Object.entries(NOT_A_VERIFIERS)) {
    if (draft.given.has(section)) report([section], `a verifier ${why}: remove it`);
  }
  if (draft.development === true) {
    report(
      ["development"],
      "a verifier does not know for which audiences there are tokens: remove it, and name callers with theirs",
    );
  }
  const { upstream } = draft;
  if (upstream === undefined) {
    report(["upstream"], "is missing: name the authorities that this verifier follows");
    return;
  }
  const { tls, timeout, authorities = [] } = upstream;
  if (timeout === 0) report(["upstream", "timeout"], "must be more than 0");
  if ((tls?.certificate === undefined) !== (tls?.key === undefined)) {
    const missing = tls?.key === undefined ? "key" : "certificate";
    report(["upstream", "tls", missing], "is missing: certificate and key go together");
  }
  for (const [index, text] of authorities.entries()) {
    const fault = addressFault(text, tls !== undefined);
    if (fault !== undefined) report(["upstream", "authorities", index], fault);
  }
}

function addressFault(text: string, isTls: boolean): string | undefined {
  const address = parseListenAddress(text);
  if (address === undefined || (address.kind === "tcp" && address.port === 0)) return WRITE_ADDRESS;
  if (isTls || staysOnThisMachine(address)) return undefined;
  return `'${text}' is on another machine: give upstream.tls, so that no token or key goes there in the clear`;
}
