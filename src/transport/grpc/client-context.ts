import type { ClientContext } from "../../core/client-context.ts";
import type { Context } from "../../gen/assay/v1/token_service.ts";

/** Empty where nothing is said of whence the client came. */
export function contextOf({ context }: { context?: Context | undefined }): { context?: ClientContext } {
  if (context === undefined) return {};
  const { client_ip: clientIp, user_agent: userAgent } = context;
  if (clientIp === "" && userAgent === "") return {};
  return { context: { ...(clientIp === "" ? {} : { clientIp }), ...(userAgent === "" ? {} : { userAgent }) } };
}
