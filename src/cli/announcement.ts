import { styleText } from "node:util";
import type { LoadedConfig } from "../config/load.ts";
import { parseListenAddress, staysOnThisMachine } from "../config/listen-address.ts";
import { withoutPassword } from "../config/redis-hosts.ts";
import type { Config } from "../config/schema.ts";
import { unsafeSettings } from "../config/unsafe-settings.ts";
import { programName } from "./examples.ts";

type Announcement = Omit<LoadedConfig, "input"> & {
  address: string;
  /** Why it is not ready, as a sentence; undefined when it is. */
  problem?: string | undefined;
  /** How many processes serve. */
  workers: number;
};

/**
 * Says where Assay listens, what it keeps where, which safety settings are off and what to try: in sentences on standard
 * error for a reader, as one more log line on standard output where that holds JSON.
 */
export function announce(announcement: Announcement): void {
  if (hasReader(announcement.config)) process.stderr.write(`${sentences(announcement).join("\n")}\n`);
  else process.stdout.write(`${JSON.stringify(logLine(announcement))}\n`);
}

/** A development start has a reader even where its output goes to a file. */
function hasReader({ development, log }: Config): boolean {
  return log.format === "pretty" || (log.format === "auto" && (development || process.stdout.isTTY));
}

function sentences(announcement: Announcement): string[] {
  const { config, address, problem, warnings } = announcement;
  const unsafe = unsafeSettings(config);
  const why = config.development ? "this is a development start" : "the configuration says so";
  return [
    "",
    `${styled("bold", "Assay is listening")} on ${address}`,
    ...(problem === undefined ? [] : [`  ${styled("red", "not ready yet")}  ${problem}`]),
    `  configuration  ${announcement.source ?? "built in, for development (there is no assay.yaml)"}`,
    ...(announcement.workers === 1 ? [] : [`  workers        ${announcement.workers}`]),
    ...behind(config),
    ...(config.admin.address === undefined ? [] : [`  console        ${consoleUrl(config.admin.address)}`]),
    ...section(`Safety settings that are off, because ${why}:`, unsafe),
    ...section("Warnings:", warnings),
    ...section("Try next:", problem === undefined ? tries(announcement) : []),
    "",
  ];
}

/** What it answers from. */
function behind(config: Config): string[] {
  if (config.role === "verifier") {
    const authorities = config.upstream?.authorities.join(", ") ?? "";
    return [`  verifier of    ${authorities} (no store, no keys)`];
  }
  return [
    `  store          ${withoutPassword(config.store.url)} (revocations, refresh token families, opaque tokens, sealed keys)`,
    `  master key     ${masterKeyPlace(config)}`,
  ];
}

function logLine(announcement: Announcement): Record<string, unknown> {
  const { config, address, problem, warnings, source } = announcement;
  return {
    level: "info",
    time: new Date().toISOString(),
    pid: process.pid,
    msg: "listening",
    address,
    problem,
    source,
    workers: announcement.workers,
    ...(config.role === "verifier"
      ? { authorities: config.upstream?.authorities }
      : { store: withoutPassword(config.store.url), master_key: masterKeyPlace(config) }),
    safety_settings_off: unsafeSettings(config),
    warnings,
  };
}

/** Where a browser goes. Off this machine it is served over TLS. */
function consoleUrl(text: string): string {
  const address = parseListenAddress(text);
  return `${address !== undefined && staysOnThisMachine(address) ? "http" : "https"}://${text}`;
}

/** Three commands that work as they stand: only where whoever is on this machine may do everything. */
function tries({ config, address }: Announcement): string[] {
  const client = config.clients.find(({ grants }) => grants.includes("mint"));
  if (!config.development || client === undefined) return [];
  const at = address === "127.0.0.1:50051" ? "" : ` --address ${address}`;
  const scope = client.scopes.length === 0 ? "" : ` --scope "${client.scopes.slice(0, 2).join(" ")}"`;
  const issue = `issue --client ${client.client_id} --subject alice --audience ${client.audiences[0]}${scope}${at}`;
  const program = programName();
  return [
    `${program} ${issue} --refresh --json`,
    `${program} ${issue} | ${program} introspect -${at}`,
    `${program} revoke --subject alice${at}`,
  ];
}

function masterKeyPlace({ keys }: Config): string {
  if (keys.master_key !== undefined) return "given by keys.master_key (ASSAY_KEYS_MASTER_KEY)";
  return keys.master_key_file ?? `${keys.dir}/master.key`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", styled("bold", title), ...lines.map((line) => `  ${line}`)];
}

function styled(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stderr });
}
