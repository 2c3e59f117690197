import { expect, test } from "vitest";
import { normaliseHttpUri } from "../../../src/core/proof/http-uri.ts";

test.each([
  ["https://api.example", "https://api.example/"],
  ["https://API.example:443/a?b=c#d", "https://api.example/a"],
  ["http://api.example:80/", "http://api.example/"],
  ["https://api.example:8443/a/../b/./c", "https://api.example:8443/b/c"],
  ["https://api.example/%7euser/%c3%A9", "https://api.example/~user/%C3%A9"],
  ["https://api.example/a%2fb", "https://api.example/a%2Fb"],
  ["https://[::1]:443/a", "https://[::1]/a"],
])("%s is known as %s", (text, known) => {
  expect(normaliseHttpUri(text)).toBe(known);
});

test.each([
  ["nothing", ""],
  ["a path", "/orders"],
  ["another scheme", "ftp://api.example/"],
  ["missing slashes", "https:api.example/"],
  ["a backslash", "https://api.example\\evil"],
  ["a line break that a parser would drop", "https://api.example/a\nb"],
  ["a space around it", " https://api.example/"],
  ["a name and password", "https://user:secret@api.example/"],
  ["letters beyond ASCII", "https://api.example/é"],
  ["more than 8 KiB", `https://api.example/${"a".repeat(8_192)}`],
])("a URI with %s is none", (_name, text) => {
  expect(normaliseHttpUri(text)).toBeUndefined();
});
