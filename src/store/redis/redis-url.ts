import { StartError } from "../../core/start-error.ts";

export type Place = { host: string; port: number };

export type RedisTarget = {
  kind: "standalone" | "sentinel" | "cluster";
  /** The server, all Sentinels, or some nodes of the Cluster. At least one. */
  places: readonly [Place, ...Place[]];
  /** What the Sentinels call the primary and its replicas. */
  name?: string;
  db: number;
  tls: boolean;
  username?: string;
  password?: string;
  /** Hosts and ports for logs and messages: the only part of a URL that is ever printed. */
  address: string;
};

const URL_FORM = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]*)(?:\/([^?#]*))?$/i;
const HOST_FORM = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = { standalone: 6379, sentinel: 26379, cluster: 6379 } as const;

/**
 * `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `redis+sentinel://[USER:PASSWORD@]HOST[:PORT],…/NAME[/DB]` or
 * `redis+cluster://[USER:PASSWORD@]HOST[:PORT],…`; `rediss` for TLS. @throws StartError, which never holds the URL
 */
export function parseRedisUrl(text: string): RedisTarget {
  const [whole, secure, form, user, hosts = "", path = ""] = URL_FORM.exec(text) ?? [];
  if (whole === undefined) {
    throw malformed("it is no URL of such a form, or has a query or a fragment");
  }
  const kind = kindOf(form);
  const [head = "", ...others] = hosts.split(",");
  const place = (host: string) => placeOf(host, DEFAULT_PORT[kind]);
  const places = [place(head), ...others.map(place)] as const;
  if (kind === "standalone" && places.length > 1) {
    throw malformed("it names several hosts: that needs redis+sentinel:// or redis+cluster://");
  }
  return {
    kind,
    places,
    ...whereIn(kind, path),
    tls: secure !== "",
    ...credentials(user ?? ""),
    address: places.map(({ host, port }) => formatPlace(host, port)).join(","),
  };
}

/** `HOST:PORT`, an IPv6 address in brackets. */
export function formatPlace(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `HOST:PORT` as Clusters announce it: an IPv6 address without brackets. */
export function placeFrom(announced: string): Place {
  const colon = announced.lastIndexOf(":");
  return { host: announced.slice(0, colon), port: Number(announced.slice(colon + 1)) };
}

function kindOf(form = ""): RedisTarget["kind"] {
  const kind = form.toLowerCase();
  return kind === "sentinel" || kind === "cluster" ? kind : "standalone";
}

function placeOf(text: string, defaultPort: number): Place {
  const [, address, name, port = String(defaultPort)] = HOST_FORM.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw malformed("a host of it is not HOST, HOST:PORT or [IPv6]:PORT");
  }
  return { host, port: Number(port) };
}

/** What follows the hosts. */
function whereIn(kind: RedisTarget["kind"], path: string): { db: number; name?: string } {
  if (kind === "cluster") {
    if (path !== "") {
      throw malformed("a Cluster has one database only: nothing may follow its hosts");
    }
    return { db: 0 };
  }
  if (kind === "standalone") {
    return { db: database(path) };
  }
  const [name = "", db = "", ...rest] = path.split("/");
  if (name === "" || rest.length > 0) {
    throw malformed("after the Sentinels' hosts must come the name that they know the primary by");
  }
  return { db: database(db), name: decoded(name) };
}

function database(text: string): number {
  if (!/^\d{0,5}$/.test(text)) {
    throw malformed("what stands for the database is no number");
  }
  return Number(text);
}

function credentials(text: string): { username?: string; password?: string } {
  const [username = "", ...rest] = text.split(":");
  const password = rest.join(":");
  return {
    ...(username === "" ? {} : { username: decoded(username) }),
    ...(password === "" ? {} : { password: decoded(password) }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformed("a part of it is not percent-encoded properly");
  }
}

function malformed(because: string): StartError {
  return new StartError(
    "store.url must be redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://[USER:PASSWORD@]HOST[:PORT],…/NAME[/DB] or " +
      `redis+cluster://[USER:PASSWORD@]HOST[:PORT],…, with rediss for TLS, but ${because}. ` +
      "Percent-encode what is special in the user and the password. (The URL is not shown: it may hold a password.)",
  );
}
