/** Whence a client comes: at home, and from another network with another user agent. */
import type { ContextInput } from "../support/introspected.ts";

export const HOME: ContextInput = {
  client_ip: "192.0.2.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0",
};
export const AWAY: ContextInput = { client_ip: "198.51.100.9", user_agent: "curl/8.5.0" };

/** What is told of a token that was issued at home and is used from away. */
export const MOVED = {
  kind: "token_context_changed",
  severity: "SIGNAL_SEVERITY_WARNING",
  detail: "network_and_user_agent",
};

/** In as many networks. */
export function addresses(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `203.0.${from + index}.5`);
}
