import type { Random } from "../../chaos/random.ts";
import { between } from "../seeded.ts";
import { timeline } from "../timeline.ts";
import type { World } from "../world.ts";

const SYSTEMS = ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"] as const;
const PHONES = ["iOS 26.1; iPhone17,1", "iOS 25.4; iPhone15,4", "Android 16; Pixel 9", "Android 15; SM-S931B"] as const;
/** Of browsers and apps, those that take an update within any one week. */
const UPDATED = 0.5;
const NEWEST = 158;

/** A browser's, which names another version after an update: browsers have a new major version every two weeks. */
export function browserAgent(world: World, random: Random): (at: number) => string {
  const system = random.oneOf(SYSTEMS);
  return updating(world, random, between(random, NEWEST - 2, NEWEST), (version) => {
    return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
  });
}

/** A phone's app, which its shop updates in the night. */
export function appAgent(world: World, random: Random): (at: number) => string {
  const phone = random.oneOf(PHONES);
  return updating(world, random, between(random, 20, 24), (version) => `ShopApp/5.${version}.0 (${phone})`);
}

function updating({ start, end }: World, random: Random, version: number, name: (version: number) => string) {
  const before = { from: start, value: name(version) };
  if (!random.chance(UPDATED)) return timeline([before]);
  return timeline([before, { from: between(random, start, end), value: name(version + 1) }]);
}
