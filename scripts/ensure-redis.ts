/** Makes sure that `redis-server`, which the tests start, is on this machine. Silent when it is. */
import { spawnSync } from "node:child_process";

if (!has("redis-server", "--version")) {
  install();
}

function install(): void {
  const command = installation();
  if (command === undefined) {
    fail(
      "The tests need redis-server (7 or newer) on the PATH: install it with this machine's package manager, then run this again.",
    );
  }
  for (const step of command) {
    console.log(`Installing redis-server for the tests: ${step.join(" ")}`);
    const [program = "", ...rest] = step;
    if (spawnSync(program, rest, { stdio: "inherit" }).status !== 0) {
      fail(`This did not work: ${step.join(" ")}. Install redis-server by hand, then run this again.`);
    }
  }
  if (!has("redis-server", "--version")) {
    fail("redis-server was installed but is not on the PATH. Add it, then run this again.");
  }
}

/** RUNLEVEL=1 keeps Debian's package from starting a server of its own. */
function installation(): string[][] | undefined {
  const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"];
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (has("apt-get", "--version") && (sudo.length === 0 || has("sudo", "-n", "true"))) {
    return [
      [...sudo, ...apt, "update"],
      [...sudo, ...apt, "install", "-y", "redis-server"],
    ];
  }
  if (process.platform === "darwin" && has("brew", "--version")) {
    return [["brew", "install", "redis"]];
  }
  return undefined;
}

function has(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
