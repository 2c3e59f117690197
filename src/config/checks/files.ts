import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Check } from "../draft.ts";

/** Files that are named exist and can be read by this process. */
export const checkFiles: Check = ({ listen, keys, issuers, receivers, store, upstream }, report, cwd) => {
  const named = [
    ...(["certificate", "key", "client_ca"] as const).map((key) => ({
      path: ["listen", "tls", key],
      file: listen.tls?.[key],
    })),
    ...(["ca", "certificate", "key"] as const).map((key) => ({
      path: ["store", "tls", key],
      file: store.tls?.[key],
    })),
    ...(["ca", "certificate", "key"] as const).map((key) => ({
      path: ["upstream", "tls", key],
      file: upstream?.tls?.[key],
    })),
    { path: ["upstream", "secret_file"], file: upstream?.secret_file },
    ...(["master_key_file", "previous_master_key_file"] as const).map((key) => ({
      path: ["keys", key],
      file: keys[key],
    })),
    ...(["authorization_file", "ca_file"] as const).flatMap((key) =>
      receivers.map((receiver, index) => ({ path: ["events", "receivers", index, key], file: receiver[key] })),
    ),
    ...issuers.map(({ jwks_file: file }, index) => ({ path: ["issuers", index, "jwks_file"], file })),
  ];
  for (const { path, file } of named) {
    const fault = file === undefined ? undefined : fileFault(resolve(cwd, file));
    if (fault !== undefined) report(path, fault);
  }
};

function fileFault(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return `there is no file ${file}: create it, or correct the path`;
  if (!status.isFile()) return `${file} is no file: correct the path`;
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch {
    return `${file} cannot be read: let the user that runs Assay read it`;
  }
}
