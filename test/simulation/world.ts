import type { Observation } from "./observation.ts";
import type { Random } from "../chaos/random.ts";
import { randomFor } from "./seeded.ts";

/** What a week is made from. */
export type World = {
  seed: number;
  /** A Monday, midnight; in milliseconds. */
  start: number;
  end: number;
  /** How many times the default population. */
  scale: number;
};

/** Whoever makes observations, in order of time: a person, a machine, a fleet. */
export type Actor = Iterable<Observation>;

/** One kind of honest traffic. */
export type Behaviour = { name: string; actors: (world: World) => Iterable<Actor> };

/** @param count of the default population: the world's scale multiplies it, and at least one acts */
export function behaviour(
  name: string,
  count: number,
  act: (world: World, random: Random, index: number) => Actor,
): Behaviour {
  return {
    name,
    actors: (world) => {
      const length = Math.max(1, Math.round(count * world.scale));
      return Array.from({ length }, (_, index) => act(world, randomFor(world.seed, name, index), index));
    },
  };
}
