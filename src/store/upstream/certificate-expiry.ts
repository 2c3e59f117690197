import { connect } from "node:tls";
import type { AuthorityAddress, AuthoritySettings } from "./authority-settings.ts";

/**
 * When the certificate that an authority shows expires. Whether it is trusted is for the channel to say: this only looks at its date.
 * @returns undefined without TLS, or where nobody shows one in time
 */
export async function certificateExpiry(
  address: AuthorityAddress,
  { tls, timeoutMs }: AuthoritySettings & { timeoutMs: number },
): Promise<Date | undefined> {
  if (tls === undefined) return undefined;
  const where = address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port };
  const name = tls.serverName === undefined ? {} : { servername: tls.serverName };
  const { promise, resolve } = Promise.withResolvers<Date | undefined>();
  const socket = connect({ ...where, ...name, ALPNProtocols: ["h2"], rejectUnauthorized: false, timeout: timeoutMs });
  socket.once("secureConnect", () => resolve(new Date(socket.getPeerCertificate().valid_to)));
  for (const event of ["error", "timeout", "close"]) socket.once(event, () => resolve(undefined));
  return promise.finally(() => socket.destroy());
}
