import type { Config } from "../../config/schema.ts";
import { formatAddress } from "../../store/upstream/authority-settings.ts";
import { certificateExpiry } from "../../store/upstream/certificate-expiry.ts";
import { type Look, lookAtAuthority } from "../../store/upstream/look-at-authority.ts";
import { upstreamSettings } from "../upstream-options.ts";
import { clockSays } from "./clock.ts";
import { expirySays } from "./expiry.ts";
import { fault, type Finding, ok, type Said, warning } from "./finding.ts";

/** More than a verifier waits: what is slow is told from what is away. */
const PATIENCE = 4;

type Looked = { subject: string; look: Look; expires: Date | undefined };

/** Whether each authority of a verifier takes it in, is of one deployment with the others, and agrees with it on the time. */
export async function examineAuthorities(config: Config): Promise<Finding[]> {
  const { addresses, timeoutMs, ...settings } = upstreamSettings(config);
  const looked: Looked[] = [];
  let first: Extract<Look, { joined: unknown }> | undefined;
  for (const address of addresses) {
    const terms = { ...settings, issuer: config.issuer, timeoutMs: timeoutMs * PATIENCE, before: first?.joined };
    const look = await lookAtAuthority(address, terms);
    if (!("why" in look)) first ??= look;
    const expires = await certificateExpiry(address, terms);
    looked.push({ subject: `authority ${formatAddress(address)}`, look, expires });
  }
  return looked.flatMap(({ subject, look, expires }) => [
    ...verdicts(look, config.revocations.max_staleness, first !== undefined).map((said) => ({ subject, ...said })),
    ...(expires === undefined ? [] : [{ subject, ...expirySays("Its certificate", expires, Date.now()) }]),
  ]);
}

/** @param isAnyOfUse whether another authority is: then this one does not stand against serving */
function verdicts(look: Look, maxStalenessMs: number, isAnyOfUse: boolean): Said[] {
  if ("why" in look) return [isAnyOfUse ? warning(look.why) : fault(look.why)];
  const { aheadMs, provedForMs } = look;
  const proved = `It takes this verifier in, and proved ${Math.round(provedForMs)} ms ago that no revocation is missing`;
  return [
    provedForMs <= maxStalenessMs
      ? ok(`${proved}.`)
      : warning(`${proved}: longer ago than revocations.max_staleness allows. Run assay doctor there.`),
    clockSays({ aheadMs: -aheadMs, doubtMs: 0 }),
  ];
}
