import { describe, expect, test } from "vitest";
import { parseListenAddress, staysOnThisMachine } from "../../src/config/listen-address.ts";

function reach(text: string): "here" | "elsewhere" | "no address" {
  const address = parseListenAddress(text);
  if (address === undefined) return "no address";
  return staysOnThisMachine(address) ? "here" : "elsewhere";
}

describe("an address is on this machine, or can be reached from elsewhere, or is none", () => {
  test.each<[string, ReturnType<typeof reach>]>([
    ["127.0.0.1:50051", "here"],
    ["127.255.0.9:0", "here"],
    ["localhost:50051", "here"],
    ["[::1]:50051", "here"],
    ["unix:/run/assay.sock", "here"],
    ["unix:///run/assay.sock", "here"],
    ["0.0.0.0:50051", "elsewhere"],
    ["[::]:50051", "elsewhere"],
    ["[::ffff:127.0.0.1]:50051", "elsewhere"],
    ["127.0.0.1.example:50051", "elsewhere"],
    ["localhost.example:50051", "elsewhere"],
    ["auth.example.com:443", "elsewhere"],
    ["127.0.0.1", "no address"],
    [":50051", "no address"],
    ["::1:50051", "no address"],
    ["127.0.0.1:65536", "no address"],
    ["127.0.0.1:port", "no address"],
    ["http://127.0.0.1:50051", "no address"],
    ["unix:relative.sock", "no address"],
    [`unix:/${"a".repeat(103)}`, "no address"],
    ["", "no address"],
  ])("%s is %s", (text, expected) => {
    expect(reach(text)).toBe(expected);
  });
});
