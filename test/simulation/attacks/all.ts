import type { Attack } from "./attack.ts";
import { audienceProbing } from "./audience-probing.ts";
import { badSignaturesByCaller } from "./bad-signatures-by-caller.ts";
import { badSignaturesByNetwork } from "./bad-signatures-by-network.ts";
import { expiredToken } from "./expired-token.ts";
import { malformedBurst } from "./malformed-burst.ts";
import { otherKey } from "./other-key.ts";
import { pastedToken } from "./pasted-token.ts";
import { proofReplay } from "./proof-replay.ts";
import { revokedToken } from "./revoked-token.ts";
import { scraping } from "./scraping.ts";
import { stolenAccessToken } from "./stolen-access-token.ts";
import { stolenRefreshToken } from "./stolen-refresh-token.ts";
import { unknownKeyBurst } from "./unknown-key-burst.ts";

/** Every simulated attack, by its name. */
export const ATTACKS: readonly (readonly [name: string, attack: Attack])[] = [
  ["stolen refresh token", stolenRefreshToken],
  ["stolen access token", stolenAccessToken],
  ["pasted token", pastedToken],
  ["revoked token", revokedToken],
  ["expired token", expiredToken],
  ["scraping", scraping],
  ["audience probing", audienceProbing],
  ["bad signatures by caller", badSignaturesByCaller],
  ["bad signatures by network", badSignaturesByNetwork],
  ["malformed burst", malformedBurst],
  ["unknown key burst", unknownKeyBurst],
  ["proof replay", proofReplay],
  ["token with another key", otherKey],
];
