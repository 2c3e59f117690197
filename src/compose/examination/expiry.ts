import { fault, ok, type Said, warning } from "./finding.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** When what is called `name` ends, and whether that is soon. `now` in milliseconds. */
export function expirySays(name: string, to: Date, now: number): Said {
  const days = Math.floor((to.getTime() - now) / DAY_MS);
  if (to.getTime() <= now) return fault(`${name} has expired, on ${to.toISOString()}. Renew it.`);
  if (days < SOON_DAYS) return warning(`${name} expires in ${days} days. Renew it.`);
  return ok(`${name} is valid for ${days} days more.`);
}
