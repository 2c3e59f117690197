import type { IncomingHttpHeaders } from "node:http";

/**
 * How long an answer says that it is fresh, in milliseconds (RFC 9111 sections 4.2.1 and 5.2.2): undefined when it does not say.
 * Whoever asks sets bounds of their own.
 */
export function freshnessOf(headers: IncomingHttpHeaders): number | undefined {
  const said = headers["cache-control"]?.toLowerCase() ?? "";
  if (/(^|[,\s])no-(store|cache)([,\s=]|$)/.test(said)) return 0;
  const seconds = /(?:^|[,\s])max-age="?(\d{1,9})"?(?:[,\s]|$)/.exec(said)?.[1];
  if (seconds === undefined) return undefined;
  // What a shared cache kept is as much older.
  const age = /^\d{1,9}$/.exec(headers.age ?? "")?.[0] ?? "0";
  return Math.max(0, Number(seconds) - Number(age)) * 1_000;
}
