import { Metadata } from "@grpc/grpc-js";
import { staysOnThisMachine } from "../config/listen-address.ts";
import { addressOf, readNamedFile, usesTls } from "./channel.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { badUsage } from "./failure.ts";

/**
 * Says who calls, where a secret is given by file or environment: never as an argument, which every process could read.
 * It never leaves this machine in plaintext. @throws Failure
 */
export function authorization(options: ConnectionOptions): Metadata {
  const metadata = new Metadata();
  const { secretFile } = options;
  const fromFile = secretFile === undefined ? undefined : readNamedFile("--secret-file", secretFile).toString("utf8");
  const secret = (fromFile ?? process.env["ASSAY_SECRET"] ?? "").trim();
  if (secret === "") {
    if (secretFile !== undefined)
      throw badUsage(`--secret-file ${secretFile} is empty: write the caller's secret into it`);
    return metadata;
  }
  if (!/^[\x21-\x7e]+$/.test(secret)) throw badUsage("the caller's secret holds characters that no secret has");
  if (!usesTls(options) && !staysOnThisMachine(addressOf(options))) {
    throw badUsage(
      `the caller's secret would travel to ${options.address} in plaintext: connect with --tls or --tls-ca`,
    );
  }
  metadata.set("authorization", `Bearer ${secret}`);
  return metadata;
}
