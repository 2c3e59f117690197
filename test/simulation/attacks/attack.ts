import type { Observation } from "../observation.ts";

/** What a detector must find, in the words of docs/signals.md. */
export type Finding =
  | "refresh_reuse"
  | "inactive_token_repeated"
  | "new_network_or_user_agent"
  | "many_networks"
  | "velocity"
  | "audience_probing"
  | "bad_token_burst"
  | "unknown_key_burst"
  | "proof_replay"
  | "other_key";

/** What the finding is about: the names that the observations carry. */
export type About = { token?: string; family?: string; caller?: string; network?: string };

export type Attacked = {
  /** The victim's and the attacker's, in order of time. */
  observations: readonly Observation[];
  /** Those of the attacker, and those of the victim that prove the attack. */
  hostile: ReadonlySet<Observation>;
  finding: Finding;
  about: About;
  /** The time of the first of the hostile ones: from here on counts how long a detector takes. */
  firstHostileAt: number;
};

/** One attack. The same for the same seed. @param start in milliseconds: nothing comes before */
export type Attack = (seed: number, start: number) => Attacked;

/** @param hostile in order of time, at least one */
export function attacked(
  finding: Finding,
  about: About,
  innocent: readonly Observation[],
  hostile: readonly Observation[],
): Attacked {
  const [first] = hostile;
  if (first === undefined) throw new Error("an attack needs a hostile act");
  const observations = [...innocent, ...hostile].toSorted((one, other) => one.at - other.at);
  return { observations, hostile: new Set(hostile), finding, about, firstHostileAt: first.at };
}
