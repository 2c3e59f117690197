import type { Check } from "../draft.ts";
import { parseListenAddress, staysOnThisMachine } from "../listen-address.ts";

/** Where Assay listens, what protects it there, and who it says it is. */
export const checkListening: Check = (draft, report) => {
  const { address: text, tls } = draft.listen;
  const address = text === undefined ? undefined : parseListenAddress(text);
  if (text !== undefined && address === undefined) {
    report(
      ["listen", "address"],
      "write HOST:PORT, [IPv6]:PORT with a port up to 65535, or unix:/absolute/path.sock of at most 103 bytes",
    );
  }
  if (address !== undefined && !staysOnThisMachine(address)) {
    const mend = "or listen on 127.0.0.1, [::1] or a Unix socket";
    if (tls === undefined) {
      report(["listen", "tls"], `'${text}' can be reached from elsewhere: give certificate and key, ${mend}`);
    }
    if (draft.development === true) {
      report(
        ["development"],
        `anyone who reaches '${text}' would have every permission: remove development and name callers, ${mend}`,
      );
    }
  }
  if (tls?.require_client_certificate === true && tls.client_ca === undefined) {
    report(["listen", "tls", "client_ca"], "is needed by require_client_certificate: name the authorities' PEM file");
  }
};
