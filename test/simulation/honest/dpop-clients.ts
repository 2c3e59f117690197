import { behaviour } from "../world.ts";
import { live } from "./person.ts";
import { atHome, browserOf } from "./web-sessions.ts";

const PEOPLE = 60;

/** Browsers that prove a key: now and then a call comes twice with the same proof, and a proof is made by a clock that is off. */
export const dpopClients = behaviour("clients that prove a key", PEOPLE, (world, random, index) => {
  const person = browserOf(random, `bound-${index}`);
  const holder = { ...person.holder, client: "bank", boundTo: `key-of-bound-${index}` };
  return live(world, { ...person, holder, where: atHome(world, random) }, random);
});
