/** Where the service listens, or a client connects. */
export type ListenAddress = { kind: "tcp"; host: string; port: number } | { kind: "unix"; path: string };

const BRACKETED = /^\[([0-9a-fA-F:.]+)\]:(\d{1,5})$/;
const PLAIN = /^([^\s:/[\]]+):(\d{1,5})$/;
const UNIX = /^unix:(?:\/\/)?(\/.+)$/;
/** What `sockaddr_un` holds on the narrowest system that Node runs on. */
const GREATEST_SOCKET_PATH = 103;

/** Reads `HOST:PORT`, `[IPv6]:PORT` and `unix:/absolute/path.sock`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const path = UNIX.exec(text)?.[1];
  if (path !== undefined) return Buffer.byteLength(path) <= GREATEST_SOCKET_PATH ? { kind: "unix", path } : undefined;
  const [, host, port] = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { kind: "tcp", host, port: Number(port) };
}

/** Whether what is sent there cannot leave this machine. */
export function staysOnThisMachine(address: ListenAddress): boolean {
  return address.kind === "unix" || isLoopbackHost(address.host);
}

/** Takes a host as an address or a URL writes it: `localhost`, `127.0.0.1`, `::1`, `[::1]`. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
