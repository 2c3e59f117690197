import type { Command } from "commander";
import type { Context } from "../gen/assay/v1/token_service.ts";

/** Whence a client came, as who asks for it knows. */
export type ContextOptions = { clientIp?: string; userAgent?: string };

type HttpRequest = Pick<Context, "http_method" | "http_uri">;

const NO_REQUEST: HttpRequest = { http_method: "", http_uri: "" };

export function addContextOptions(command: Command): void {
  command
    .option("--client-ip <address>", "the IP address that the client came from")
    .option("--user-agent <text>", "the user agent that the client named");
}

/** @param request the one that a DPoP proof was made for @returns undefined where nothing is said */
export function contextOf(
  { clientIp = "", userAgent = "" }: ContextOptions,
  request?: HttpRequest,
): Context | undefined {
  if (clientIp === "" && userAgent === "" && request === undefined) return undefined;
  return { client_ip: clientIp, user_agent: userAgent, ...(request ?? NO_REQUEST) };
}
