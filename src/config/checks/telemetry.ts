import type { Check } from "../draft.ts";
import { parseListenAddress, staysOnThisMachine } from "../listen-address.ts";

const AT = ["telemetry", "prometheus_address"] as const;

/** Metrics say much of a deployment, and travel in plaintext. How fingerprints are made all instances must agree on. */
export const checkTelemetry: Check = (draft, report) => {
  if (draft.role === "verifier" && (draft.telemetry?.fingerprint_period ?? 0) !== 0)
    report(["telemetry", "fingerprint_period"], "a verifier makes fingerprints as its authorities do: remove it");
  const text = draft.telemetry?.prometheus_address;
  if (text === undefined) return;
  const address = parseListenAddress(text);
  if (address?.kind !== "tcp") {
    report([...AT], "write HOST:PORT or [IPv6]:PORT with a port up to 65535");
  } else if (!staysOnThisMachine(address)) {
    report(
      [...AT],
      `'${text}' can be reached from elsewhere, and metrics are served in plaintext: write 127.0.0.1:PORT or [::1]:PORT, and put a proxy with TLS before it where Prometheus runs elsewhere`,
    );
  }
};
