import type { Command } from "commander";
import { Option } from "commander";
import { duration } from "./option-values.ts";

/** What every command takes that asks the service. */
export type ConnectionOptions = {
  address: string;
  tls?: boolean;
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  secretFile?: string;
  /** Milliseconds. */
  timeout: number;
  json?: boolean;
};

export function addConnectionOptions(command: Command): void {
  command
    .addOption(
      new Option("--address <host:port>", "where the service listens; unix:/path too")
        .env("ASSAY_ADDRESS")
        .default("127.0.0.1:50051"),
    )
    .addOption(new Option("--tls", "connect with TLS, trusting the well-known authorities").env("ASSAY_TLS"))
    .addOption(new Option("--tls-ca <file>", "PEM file of the authorities to trust; implies --tls").env("ASSAY_TLS_CA"))
    .addOption(new Option("--tls-cert <file>", "PEM file of the caller's certificate").env("ASSAY_TLS_CERT"))
    .addOption(new Option("--tls-key <file>", "PEM file of its private key").env("ASSAY_TLS_KEY"))
    .option("--secret-file <file>", "file with the caller's secret (or set ASSAY_SECRET)")
    .addOption(
      new Option("--timeout <duration>", "how long to wait for the answer").argParser(duration).default(5_000, "5s"),
    )
    .option("--json", "print JSON");
}
