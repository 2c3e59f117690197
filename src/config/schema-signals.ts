import { z } from "zod";

const action = z.enum(["none", "revoke_token", "revoke_family"]).default("none");
const PROVED =
  "A revocation that follows from a signal by itself. It is proved: no caller can cause it by what it forwards.";
const TOLD = "The same, for callers with context_trusted alone: it follows from what a caller forwards of its clients.";

/** Signals of misuse. */
export const signals = z
  .strictObject({
    actions: z
      .strictObject({
        proof_replayed: action.describe(PROVED),
        proof_of_another_key: action.describe(PROVED),
        token_context_changed: action.describe(TOLD),
        token_in_many_networks: action.describe(TOLD),
        token_velocity: action.describe(TOLD),
        audience_probing: action.describe(TOLD),
      })
      .prefault({})
      .describe(
        "What is revoked by itself at a signal of severity warning or more. A verifier needs the permission revoke at its authority for it.",
      ),
  })
  .prefault({});
