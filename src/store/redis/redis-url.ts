import { StartError } from "../../core/start-error.ts";

export type RedisTarget = {
  host: string;
  port: number;
  db: number;
  tls: boolean;
  username?: string;
  password?: string;
  /** Host and port for logs and messages: the only part of a URL that is ever printed. */
  address: string;
};

const DEFAULT_PORT = 6379;

/** `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`, or `rediss://` for TLS. @throws StartError, which never holds the URL */
export function parseRedisUrl(text: string): RedisTarget {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") {
    throw malformed("it is no URL of that form");
  }
  if (url.search !== "" || url.hash !== "") {
    throw malformed("it has a query or a fragment");
  }
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    db: database(url.pathname),
    tls: url.protocol === "rediss:",
    ...(url.username === "" ? {} : { username: decoded(url.username) }),
    ...(url.password === "" ? {} : { password: decoded(url.password) }),
    address: `${url.hostname}:${port}`,
  };
}

function database(path: string): number {
  const [, number] = /^\/?(\d{0,5})$/.exec(path) ?? [];
  if (number === undefined) {
    throw malformed("what follows the host is no database number");
  }
  return Number(number);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformed("its user or password is not percent-encoded properly");
  }
}

function malformed(because: string): StartError {
  return new StartError(
    `store.url must be redis://[USER:PASSWORD@]HOST[:PORT][/DB] or rediss://…, but ${because}. ` +
      "Percent-encode what is special in the user and the password. (The URL is not shown: it may hold a password.)",
  );
}
