import { expect, test } from "vitest";
import { NOTHING } from "../../../src/core/signals/detectors.ts";
import { DEFAULT_RULES, type DetectorRules } from "../../../src/core/signals/rules.ts";
import { AWAY, HOME, observation, SECOND, type See, tokenOf, watched } from "./watched.ts";

test("what shows nothing yields the same empty result each time", () => {
  const { detectors } = watched();
  for (const [after, what] of [HOME, HOME, {}, { ...HOME, outcome: "expired" as const }].entries())
    expect(detectors.judge(observation(after, what))).toBe(NOTHING);
});

test("a finding comes with whom it is about", () => {
  const { detectors } = watched();
  detectors.judge(observation(0, HOME));
  expect(detectors.judge(observation(SECOND, AWAY))).toEqual([
    {
      finding: {
        kind: "token_context_changed",
        severity: "warning",
        detail: "network_and_user_agent",
        caller: "orders",
        clientId: "app",
      },
      network: "198.51.100.0/24",
      origin: { iss: "https://assay.example", jti: "alice", client_id: "app", sub: "alice" },
    },
  ]);
});

const again = (count: number, gap: number, see: See, what: Parameters<See>[1]) =>
  Array.from({ length: count }, (_, index) => see(index * gap, what)).flat();
const mismatched = (index: number) =>
  ({ outcome: "audience_mismatch", audiences: new Set([`https://${index}.example`]) }) as const;

/** What makes each fire. */
const FIRES: Record<keyof DetectorRules, (see: See) => string[]> = {
  revoked_token_used: (see) => again(10, 15 * SECOND, see, { outcome: "revoked" }),
  expired_token_used: (see) => again(20, 90 * SECOND, see, { outcome: "expired" }),
  token_context_changed: (see) => [HOME, AWAY].flatMap((context, index) => see(index, context)),
  token_in_many_networks: (see) =>
    Array.from({ length: 40 }, (_, index) => see(index, { clientIp: `10.0.${index}.1` })).flat(),
  token_velocity: (see) => [
    ...again(6, 60 * SECOND, see, {}),
    ...Array.from({ length: 200 }, (_, index) => see(360_000 + index, {})).flat(),
  ],
  audience_probing: (see) => Array.from({ length: 12 }, (_, index) => see(index, mismatched(index))).flat(),
  bad_token_burst: (see) => again(30, 10, see, { ...AWAY, outcome: "malformed", token: undefined }),
  unknown_key_burst: (see) => again(40, 10, see, { outcome: "unknown_key", token: undefined }),
  refresh_token_forged: (see) => see(0, { outcome: "bad_signature", token: undefined, isRefreshToken: true }),
  proof_replayed: (see) => see(0, { outcome: "proof_replayed" }),
  proof_of_another_key: (see) => see(0, { outcome: "invalid_proof", proofKey: "other" }),
};

test.each(Object.entries(FIRES))("%s can be turned off by itself", (name, fire) => {
  const rule = Object.entries(DEFAULT_RULES).find(([kind]) => kind === name)?.[1];
  expect(fire(watched().see).join()).toContain(name);
  expect(fire(watched({ [name]: { ...rule, enabled: false } }).see).join()).not.toContain(name);
});

test("a refresh token is judged as any other, and said to be one", () => {
  const { see } = watched();
  const token = tokenOf("refresh", { kind: "refresh" });
  expect(see(0, { outcome: "revoked", token })).toEqual(["info revoked_token_used refresh"]);
});

test("a token is asked whose it is only where something is found, or counted elsewhere", () => {
  const { see } = watched();
  let asked = 0;
  const known = tokenOf("quiet");
  const token = { ...known, origin: () => ((asked += 1), known.origin()) };
  for (let after = 0; after < 1_000; after++) see(after * SECOND, { ...HOME, token });
  expect(asked).toBe(0);
  see(1_000 * SECOND, { ...AWAY, token });
  expect(asked).toBeGreaterThan(0);
});

test("tokens that share half of their digests are told apart", () => {
  const { see } = watched();
  const [one, other] = [tokenOf("one"), tokenOf("other")];
  const shared = [
    one,
    { ...other, high: one.high },
    { ...other, low: one.low },
    { ...one, high: one.low, low: one.high },
  ];
  const found = shared.flatMap((token, index) => see(index, { ...(index % 2 === 0 ? HOME : AWAY), token }));
  expect(found).toEqual([]);
});

test("a flood of tokens, callers and networks takes no memory, and a token in use is not forgotten for it", () => {
  const { see } = watched();
  see(0, HOME);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 1; index < 40_000; index++) {
    const who = {
      caller: `caller-${index}`,
      clientIp: `10.${(index >> 8) & 255}.${index & 255}.1`,
      userAgent: `${index}`,
    };
    const token = tokenOf(`token-${index}`);
    see(index, { ...who, token });
    see(index, { ...who, token, outcome: "audience_mismatch" });
    see(index, { ...who, token: undefined, outcome: "malformed" });
    if (index % 1_000 === 0) see(index, HOME);
  }
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 1_000_000);
  expect(see(40_000, AWAY)).toEqual(["warning token_context_changed network_and_user_agent"]);
});
