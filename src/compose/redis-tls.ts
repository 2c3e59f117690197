import { readFileSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import { StartError } from "../core/start-error.ts";

type RedisTls = { ca?: string; cert?: string; key?: string; servername?: string };

/** What the connections to a Redis are secured with. The files are read once. @throws StartError */
export function redisTls(tls: NonNullable<Config["store"]["tls"]>): RedisTls {
  return {
    ...(tls.ca === undefined ? {} : { ca: pem("ca", tls.ca) }),
    ...(tls.certificate === undefined ? {} : { cert: pem("certificate", tls.certificate) }),
    ...(tls.key === undefined ? {} : { key: pem("key", tls.key) }),
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
  };
}

function pem(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const because = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StartError(
      `store.tls.${name}: ${file} cannot be read (${because}). Correct the path, or its permissions.`,
    );
  }
}
