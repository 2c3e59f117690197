import type { Check, Draft } from "../draft.ts";
import { parseListenAddress, staysOnThisMachine } from "../listen-address.ts";

const AT = ["admin", "address"] as const;

/** Whoever reaches the console sees much and may revoke: off this machine it takes TLS, and callers that may see it. */
export const checkAdmin: Check = (draft, report) => {
  const text = draft.admin.address;
  if (text === undefined) return;
  const address = parseListenAddress(text);
  if (address?.kind !== "tcp") return report([...AT], "write HOST:PORT or [IPv6]:PORT with a port up to 65535");
  if (staysOnThisMachine(address)) return;
  const mend = "or write 127.0.0.1:PORT or [::1]:PORT";
  if (draft.development === true) {
    report(
      [...AT],
      `'${text}' can be reached from elsewhere, and development trusts whoever calls: remove development, ${mend}`,
    );
  } else if (draft.listen.tls === undefined) {
    report([...AT], `'${text}' can be reached from elsewhere: give listen.tls with certificate and key, ${mend}`);
  } else if (!draft.callers.some(isAdmin)) {
    report([...AT], `nobody could open it: give a caller the permission admin, ${mend}`);
  }
};

function isAdmin({ permissions = [] }: Draft["callers"][number]): boolean {
  return permissions.some(({ permission }) => permission === "admin");
}
