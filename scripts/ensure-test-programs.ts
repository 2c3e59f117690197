/** Makes sure that the programs which the tests start, and those that are named, are on this machine. Silent when they are. */
import { spawnSync } from "node:child_process";

type Program = { name: string; isThere: readonly string[]; apt: string; brew: string };

const PROGRAMS: readonly Program[] = [
  { name: "redis-server", isThere: ["redis-server", "--version"], apt: "redis-server", brew: "redis" },
  { name: "openssl", isThere: ["openssl", "version"], apt: "openssl", brew: "openssl" },
  // With promtool, which comes along.
  { name: "prometheus", isThere: ["prometheus", "--version"], apt: "prometheus", brew: "prometheus" },
  { name: "cc", isThere: ["cc", "--version"], apt: "build-essential", brew: "gcc" },
  { name: "chromium", isThere: ["chromium", "--version"], apt: "chromium", brew: "chromium" },
  // What it shows is shown on Linux alone.
  ...(process.platform === "linux"
    ? [{ name: "strace", isThere: ["strace", "--version"], apt: "strace", brew: "" }]
    : []),
];

/** For the bench alone. */
const OTHERS: readonly Program[] = [
  { name: "h2load", isThere: ["h2load", "--version"], apt: "nghttp2-client", brew: "nghttp2" },
];

const missing = [...PROGRAMS, ...OTHERS.filter(({ name }) => process.argv.includes(name))].filter(
  ({ isThere }) => !runs(isThere),
);
if (missing.length > 0) {
  install(missing);
}

function install(programs: readonly Program[]): void {
  const names = programs.map(({ name }) => name).join(" and ");
  const commands = installation(programs);
  if (commands === undefined) {
    fail(`The tests need ${names} on the PATH: install it with this machine's package manager, then run this again.`);
  }
  for (const command of commands) {
    console.log(`Installing ${names} for the tests: ${command.join(" ")}`);
    const [program = "", ...rest] = command;
    if (spawnSync(program, rest, { stdio: "inherit" }).status !== 0) {
      fail(`This did not work: ${command.join(" ")}. Install ${names} by hand, then run this again.`);
    }
  }
  const still = programs.filter(({ isThere }) => !runs(isThere)).map(({ name }) => name);
  if (still.length > 0) {
    fail(`${still.join(" and ")} was installed but is not on the PATH. Add it, then run this again.`);
  }
}

/** RUNLEVEL=1 keeps Debian's packages from starting servers of their own. */
function installation(programs: readonly Program[]): string[][] | undefined {
  const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"];
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (runs(["apt-get", "--version"]) && (sudo.length === 0 || runs(["sudo", "-n", "true"]))) {
    const packages = programs.map((program) => program.apt);
    return [
      [...sudo, ...apt, "update"],
      [...sudo, ...apt, "install", "-y", "--no-install-recommends", ...packages],
    ];
  }
  if (process.platform === "darwin" && runs(["brew", "--version"])) {
    return [["brew", "install", ...programs.map((program) => program.brew)]];
  }
  return undefined;
}

function runs([program = "", ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
