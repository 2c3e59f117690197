import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import type { SelfTime } from "./cpu-profile.ts";

const REPOSITORY = `${pathToFileURL(resolve(import.meta.dirname, "../..")).href}/`;
const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** What V8 calls things that are no function. */
const OF_V8: Readonly<Record<string, string>> = {
  "(garbage collector)": "garbage collection",
  "(program)": "native code and system calls",
  "(root)": "native code and system calls",
};

/** The module that a function belongs to: a file of ours, a package, a module of Node's own, or the engine. */
export function moduleOf({ functionName, url }: Pick<SelfTime, "functionName" | "url">): string {
  const ofV8 = OF_V8[functionName];
  if (ofV8 !== undefined) return ofV8;
  if (url === "") return "functions of V8 and Node in native code";
  const ofPackage = PACKAGE.exec(url)?.[1];
  if (ofPackage !== undefined) return ofPackage;
  return url.startsWith(REPOSITORY) ? url.slice(REPOSITORY.length) : url;
}
