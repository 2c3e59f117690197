import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

const ISSUE = ["issue", "--client", "dev", "--subject", "alice", "--audience", "https://api.example"];

describe("bad usage exits with 2 and a sentence, never a stack", () => {
  test.each<[string, string[], RegExp]>([
    ["no command", [], /Usage: assay/],
    ["an unknown command", ["introspekt"], /unknown command 'introspekt'\n\(Did you mean introspect\?\)/],
    ["an unknown option", [...ISSUE, "--fresh"], /unknown option '--fresh'/],
    ["issue without a client", ["issue", "--subject", "a", "--audience", "b"], /'--client <id>' not specified/],
    ["issue without an audience", ["issue", "--client", "a", "--subject", "b"], /'--audience <uri>' not specified/],
    ["issue in an unknown format", [...ISSUE, "--format", "paseto"], /Allowed choices are jwt, opaque/],
    ["issue with a lifetime without unit", [...ISSUE, "--lifetime", "300"], /whole number with a unit/],
    ["issue with a lifetime below a second", [...ISSUE, "--lifetime", "5ms"], /--lifetime: write whole seconds/],
    ["issue with claims that are no object", [...ISSUE, "--claims", "[1]"], /write a JSON object/],
    ["issue with claims that are no JSON", [...ISSUE, "--claims", "{"], /write a JSON object/],
    ["issue bound to two keys", [...ISSUE, "--cnf-jkt", "a", "--cnf-x5t-s256", "b"], /bound to one key/],
    ["issue with an impossible time", [...ISSUE, "--auth-time", "yesterday"], /seconds since 1970/],
    ["introspect without a token", ["introspect"], /missing required argument 'token'/],
    ["introspect with two tokens", ["introspect", "a", "b"], /too many arguments/],
    ["introspect with an empty input", ["introspect", "-"], /standard input holds no token/],
    ["revoke without a selector", ["revoke"], /name one thing to revoke/],
    ["revoke with two selectors", ["revoke", "--sid", "a", "--subject", "b"], /name one thing to revoke/],
    ["revoke of a family with a cut-off", ["revoke", "--sid", "a", "--born-at-or-before", "1"], /goes with --subject/],
    ["revoke of a token with an issuer", ["revoke", "a", "--iss", "b"], /--iss goes with/],
    ["exchange for an unknown type", ["exchange", "--requested-token-type", "saml2"], /write access_token, jwt/],
    [
      "exchange with both tokens from the input",
      ["exchange", "--client", "a", "--audience", "b", "--subject-token", "-", "--actor-token", "-"],
      /only one token can come from standard input/,
    ],
    ["a proof without its request", ["introspect", "a", "--dpop", "x"], /give --http-method and --http-uri/],
    ["a request without its proof", ["introspect", "a", "--http-method", "GET"], /give --dpop too/],
    [
      "a token and a proof from the input",
      ["introspect", "-", "--dpop", "-", "--http-method", "GET", "--http-uri", "https://a.example"],
      /only one thing can come from standard input/,
    ],
    ["dpop with a key that is none", ["dpop", "--key", "/dev/null", "--method", "GET", "--uri", "b"], /no private key/],
    ["an address that is none", ["introspect", "a", "--address", "localhost"], /is no address: write HOST:PORT/],
    ["a timeout of nothing", ["introspect", "a", "--timeout", "0s"], /whole number with a unit/],
    ["a certificate without its key", ["introspect", "a", "--tls-cert", "x"], /go together/],
    ["authorities that are not there", ["introspect", "a", "--tls-ca", "/absent.pem"], /cannot be read \(ENOENT\)/],
    ["a secret file that is not there", ["introspect", "a", "--secret-file", "/absent"], /cannot be read \(ENOENT\)/],
    ["keys without saying what", ["keys"], /Usage: assay keys/],
    ["store without saying what", ["store"], /Usage: assay store/],
    ["serve with a configuration that is not there", ["serve", "--config", "absent.yaml"], /cannot be read \(ENOENT\)/],
  ])("%s", async (_what, words, message) => {
    const { code, stdout, stderr } = await assay(words, { cwd: await temporaryDirectory() });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  });

  test("more input than any token has", async () => {
    const { code, stderr } = await assay(["introspect", "-"], { input: "a".repeat(70_000) });
    expect(code).toBe(2);
    expect(stderr).toContain("more than 64 KiB");
  });

  test("two tokens on the input", async () => {
    const { code, stderr } = await assay(["introspect", "-"], { input: "one\ntwo\n" });
    expect(code).toBe(2);
    expect(stderr).toContain("more than one token");
  });
});

describe("help", () => {
  test("names every command", async () => {
    const { code, stdout } = await assay(["--help"]);
    expect(code).toBe(0);
    for (const name of [
      "serve",
      "issue",
      "refresh",
      "introspect",
      "revoke",
      "exchange",
      "keys",
      "config",
      "store",
      "doctor",
      "health",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });

  test.each([
    ["serve"],
    ["issue"],
    ["refresh"],
    ["introspect"],
    ["revoke"],
    ["exchange"],
    ["health"],
    ["keys", "list"],
    ["keys", "rotate"],
    ["config", "check"],
    ["config", "schema"],
    ["config", "secret"],
    ["store", "init"],
    ["store", "accept-loss"],
    ["doctor"],
  ])("%s %s shows an example and takes --json", async (...words) => {
    const { code, stdout } = await assay([...words, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ .*assay ${words.join(" ")}`));
    expect(stdout).toContain("--json");
  });

  test("no command takes the caller's secret as an argument, which other processes could read", async () => {
    const { stdout } = await assay(["introspect", "--help"]);
    expect(stdout).not.toMatch(/--secret[ ,]/);
    expect(stdout).toContain("--secret-file");
  });

  test("has no colour where there is no terminal", async () => {
    const { stdout } = await assay(["--help"]);
    expect(stdout).not.toContain("\u001B");
  });
});

test("--version says the version", async () => {
  const { code, stdout } = await assay(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
