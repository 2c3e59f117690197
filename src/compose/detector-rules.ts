import type { Config } from "../config/schema.ts";
import type { DetectorRules } from "../core/signals/rules.ts";

/** The configuration's words for what detectors judge by. */
export function detectorRules({ signals: { detectors } }: Config): DetectorRules {
  return {
    revoked_token_used: repeated(detectors.revoked_token_used),
    expired_token_used: repeated(detectors.expired_token_used),
    token_context_changed: base(detectors.token_context_changed),
    token_in_many_networks: {
      ...base(detectors.token_in_many_networks),
      networks: detectors.token_in_many_networks.networks,
      windowMs: detectors.token_in_many_networks.window,
    },
    token_velocity: {
      ...base(detectors.token_velocity),
      uses: detectors.token_velocity.uses,
      times: detectors.token_velocity.times,
      windowMs: detectors.token_velocity.window,
      habitMs: detectors.token_velocity.habit,
    },
    audience_probing: {
      ...base(detectors.audience_probing),
      audiences: detectors.audience_probing.audiences,
      windowMs: detectors.audience_probing.window,
    },
    bad_token_burst: { ...burst(detectors.bad_token_burst), byNetwork: detectors.bad_token_burst.by_network },
    unknown_key_burst: burst(detectors.unknown_key_burst),
    refresh_token_forged: base(detectors.refresh_token_forged),
    proof_replayed: base(detectors.proof_replayed),
    proof_of_another_key: base(detectors.proof_of_another_key),
  };
}

type Base = { enabled: boolean; cooldown: number };

function base({ enabled, cooldown }: Base) {
  return { enabled, cooldownMs: cooldown };
}

function repeated({ occasions, apart, window, ...rest }: Base & { occasions: number; apart: number; window: number }) {
  return { ...base(rest), occasions, apartMs: apart, windowMs: window };
}

function burst({ by_caller, share, window, ...rest }: Base & { by_caller: number; share: number; window: number }) {
  return { ...base(rest), byCaller: by_caller, share, windowMs: window };
}
