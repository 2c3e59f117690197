import type { Cooldown } from "./cooldown.ts";
import type { ClientContext } from "../client-context.ts";
import { sameOrigin } from "./issued-from.ts";
import { LIVE } from "./live-token.ts";
import type { ObservedToken } from "./observation.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";
import { textHash } from "./text-hash.ts";
import { withoutVersions } from "./user-agent.ts";

/** Bits: in what a context is other than the token's own. */
export const OTHER_NETWORK = 1;
const OTHER_AGENT = 2;
export const ELSEWHERE = OTHER_NETWORK | OTHER_AGENT;

/** Read when they are needed: a verifier has them once it has joined. */
export type PlaceKeys = { readonly selector: Buffer };

export type ContextJudge = {
  /** Whether the address or the user agent is another than at the token's last use. What is not forwarded is as it was. */
  hasMoved(context: ClientContext, entry: number): boolean;
  /**
   * In what the context is other than the one that the token was issued to, or that came first where the token does not say.
   * @param network its number, 0 where it is not known @param entry -1 where nothing is kept of the token
   * @param look keep nothing of it @returns bits
   */
  compare(context: ClientContext, network: number, token: ObservedToken, entry: number, look?: "look"): number;
};

/** @param words of all live tokens @param keys of what tokens say of whence they were issued */
export function contextJudge(words: Int32Array, seed: number, keys: PlaceKeys): ContextJudge {
  const hashOf = (text: string | undefined): number => (text === undefined ? 0 : textHash(seed, text));
  const homeIn = (entry: number, word: number): number => (entry < 0 ? 0 : (words[entry + word] ?? 0));
  return {
    hasMoved: ({ clientIp, userAgent }, entry) => {
      const [lastAddress, lastAgent] = [entry + LIVE.lastAddress, entry + LIVE.lastAgent];
      const address = hashOf(clientIp) || (words[lastAddress] ?? 0);
      const agent = hashOf(userAgent) || (words[lastAgent] ?? 0);
      if (address === words[lastAddress] && agent === words[lastAgent]) return false;
      words[lastAddress] = address;
      words[lastAgent] = agent;
      return true;
    },
    compare: (context, network, token, entry, look) => {
      const { userAgent } = context;
      const agent = userAgent === undefined ? 0 : textHash(seed, withoutVersions(userAgent));
      const home = { network: homeIn(entry, LIVE.homeNetwork), agent: homeIn(entry, LIVE.homeAgent) };
      const isOpen = (network !== 0 && home.network === 0) || (agent !== 0 && home.agent === 0);
      const said = isOpen ? saidBy(keys, token, context) : undefined;
      const isNetworkSame = isAtHome(home.network, network, said?.network);
      const isAgentSame = isAtHome(home.agent, agent, said?.agent);
      if (look === undefined && isNetworkSame && network !== 0) words[entry + LIVE.homeNetwork] = network;
      if (look === undefined && isAgentSame && agent !== 0) words[entry + LIVE.homeAgent] = agent;
      return (isNetworkSame ? 0 : OTHER_NETWORK) | (isAgentSame ? 0 : OTHER_AGENT);
    },
  };
}

function isAtHome(home: number, here: number, said: boolean | undefined): boolean {
  if (here === 0) return true;
  return home === 0 ? said !== false : home === here;
}

function saidBy(keys: PlaceKeys, token: ObservedToken, context: ClientContext) {
  if (token.issuedFrom === undefined) return undefined;
  const { jti } = token.origin();
  return jti === undefined ? undefined : sameOrigin(keys.selector, jti, token.issuedFrom, context);
}

/** A phone changes its networks and a browser its versions: both at once hardly ever. */
export function contextChanged(
  rule: DetectorRules["token_context_changed"],
  [network, agent, both]: readonly [network: Cooldown, agent: Cooldown, both: Cooldown],
) {
  /** @param other at least one bit */
  return (other: number, { high, low }: ObservedToken, now: number): Sighting | undefined => {
    if (!rule.enabled) return undefined;
    if (other === ELSEWHERE) return both(high, low, now) ? sighting("warning", "network_and_user_agent") : undefined;
    if (other === OTHER_NETWORK) return network(high, low, now) ? sighting("info", "network") : undefined;
    return agent(high, low, now) ? sighting("info", "user_agent") : undefined;
  };
}

function sighting(severity: Sighting["severity"], detail: string): Sighting {
  return { kind: "token_context_changed", severity, detail };
}
