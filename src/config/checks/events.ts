import type { Path } from "../config-error.ts";
import type { Check, Draft } from "../draft.ts";
import { reportDuplicates } from "./duplicates.ts";
import { secureUrlFault } from "./issuer-url.ts";

/** Receivers are told apart, reached safely, and their tokens are not taken for access tokens. */
export const checkEvents: Check = (draft, report) => {
  const inUse = audiencesInUse(draft);
  for (const [index, receiver] of draft.receivers.entries()) {
    const at = (key: string): Path => ["events", "receivers", index, key];
    const { url, audience } = receiver;
    const fault = url === undefined ? undefined : secureUrlFault(url, true);
    if (fault !== undefined) report(at("url"), `${fault} (http:// is allowed for loopback hosts)`);
    else if (url?.includes("#") === true) report(at("url"), "a fragment is never sent: remove it");
    else if (url?.toLowerCase().startsWith("http://") === true && receiver.ca_file !== undefined)
      report(at("ca_file"), "the url is http, where there is no certificate: write https, or remove it");
    if (audience !== undefined && inUse.has(audience)) {
      report(
        at("audience"),
        "access tokens are for this audience too: give the receiver one of its own, so that nobody takes an event for an access token",
      );
    }
  }
  reportDuplicates(
    draft.receivers.map(({ name }, index) => ({ value: name, path: ["events", "receivers", index, "name"] })),
    "there is a receiver of this name",
    report,
  );
};

function audiencesInUse({ clients, callers, issuers, listen }: Draft): ReadonlySet<string> {
  const named = [...clients, ...callers, ...issuers].flatMap(({ audiences = [] }) => audiences);
  return new Set(listen.caller_audience === undefined ? named : [...named, listen.caller_audience]);
}
