/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// What runs in a page names what is there. The service itself is checked without it: see tsconfig.build.json.
/** A real Chromium, as an operator would have it open. */
import { execFileSync } from "node:child_process";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { recordEmitted } from "./leaks/record.ts";
import type { AtEnd } from "./temporary-directory.ts";

export type Opened = {
  page: Page;
  /** What was wrong: violations of the security policy, errors of scripts, answers that failed. */
  complaints: string[];
  /** Every address that was asked for. */
  asked: string[];
};

/** Found on the PATH. Containers rarely allow the sandbox. */
export async function launchChromium(): Promise<Browser> {
  const path = execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** A window of its own, without what others left behind. Whatever pages it gets are searched for secrets at the end of the run. */
export async function openPage(browser: Browser, atEnd: AtEnd, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({
    colorScheme: "light",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  atEnd(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => asked.push(request.url()));
  page.on("response", (response) => {
    if (response.request().resourceType() !== "document") return;
    // A page that was left meanwhile is gone.
    response.text().then(
      (text) => recordEmitted("console pages", text),
      () => undefined,
    );
  });
  return { page, complaints, asked };
}
