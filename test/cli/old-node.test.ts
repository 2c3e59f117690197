import { expect, test } from "vitest";
import { assay } from "./run-assay.ts";

test("a Node.js that is too old is refused with the mend, before anything it cannot read is loaded", async () => {
  const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.19.0'}})";
  const { code, stdout, stderr } = await assay(["--help"], { nodeArguments: ["--import", old] });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^Assay needs Node\.js 26 or newer, and this is 18\.19\.0: .*`npm ci && npm start`.*\n$/);
});
