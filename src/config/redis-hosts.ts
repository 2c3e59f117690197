/** What the configuration must know of a Redis URL: `src/store/redis` reads the rest. */
export type RedisHosts = { kind: "cluster" | "sentinel" | "standalone"; tls: boolean; hosts: readonly string[] };

const FORM = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:[^@/]*@)?([^@/?#]*)(?:\/[^?#]*)?$/i;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::\d{1,5})?$/i;

/** Undefined for what is no such URL. */
export function redisHosts(url: string): RedisHosts | undefined {
  const [whole, secure, form, list = ""] = FORM.exec(url) ?? [];
  if (whole === undefined) return undefined;
  const hosts = list.split(",").map((text) => {
    const [, address, name] = HOST.exec(text) ?? [];
    return address ?? name;
  });
  const known = hosts.filter((host) => host !== undefined);
  const kind = kindOf(form);
  if (known.length < hosts.length || (kind === "standalone" && known.length > 1)) return undefined;
  return { kind, tls: secure !== "", hosts: known };
}

/** The URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^([^:/]*:\/\/[^:/@]*):[^/]*@/, "$1:***@");
}

function kindOf(form = ""): RedisHosts["kind"] {
  const kind = form.toLowerCase();
  return kind === "sentinel" || kind === "cluster" ? kind : "standalone";
}
