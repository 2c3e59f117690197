/** The console as people use it: a real `assay serve`, a real Chromium. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { launchChromium, openPage } from "../support/browser.ts";
import { openClient, type TestClient } from "../support/client.ts";
import { consoleAddress } from "../support/console.ts";
import { serveByCli, type ServedByCli } from "../wire/cli-server.ts";

const API = "https://api.example";
/** A name that a browser must show, and not run. */
const HOSTILE = `<img src=x onerror="document.title='taken'">`;
const YAML = `
development: true
issuer: http://127.0.0.1:50051
clients:
  - { client_id: web, audiences: ["${API}"] }
  - { client_id: '${HOSTILE.replaceAll("'", "''")}', audiences: ["${API}"] }
`;
const PAGES = ["/", "/tokens", "/keys"];
/** A browser keeps a machine busy: the store has longer. */
const env = { ASSAY_ADMIN_ADDRESS: "127.0.0.1:0", ASSAY_STORE_TIMEOUT: "5s" };

let browser: Browser;
let served: ServedByCli;
let client: TestClient;
let origin = "";
const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [browser, served] = await Promise.all([
    launchChromium(),
    serveByCli({ yaml: YAML, env }, (step) => void undo.push(step)),
  ]);
  client = openClient(served.address);
  origin = `http://${await consoleAddress(served)}`;
}, 60_000);

afterAll(async () => {
  client.close();
  await browser.close();
  served.signal("SIGTERM");
  await served.ended;
  for (const step of undo.toReversed()) await step();
});

function open(options?: BrowserContextOptions) {
  return openPage(browser, onTestFinished, options);
}

/** A stolen refresh token: the thief refreshes, and again; then the victim does. @returns its family */
async function theft(of = "web"): Promise<string> {
  const first = await client.issue({ mint: { client_id: of, subject: "alice", audience: [API], refresh: true } });
  const refresh = (token = "") => client.issue({ refresh: { refresh_token: token, client_id: of } });
  const second = await refresh(first.refresh_token);
  await refresh(second.refresh_token);
  await expect(refresh(first.refresh_token)).rejects.toMatchObject({ reason: "INVALID_GRANT" });
  return first.sid;
}

async function family() {
  return client.issue({ mint: { client_id: "web", subject: "bob", audience: [API], refresh: true } });
}

async function isActive(token: string): Promise<boolean> {
  return (await client.introspect({ token })).active === true;
}

describe("what a browser is made to do", () => {
  test("it asks the console alone, and nothing offends its security policy", async () => {
    const { page, asked, complaints } = await open();
    for (const path of PAGES) await page.goto(origin + path, { waitUntil: "load" });
    await page.goto(origin);
    await page.locator("[data-plot=rate] svg").waitFor();
    expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(complaints).toEqual([]);
    const milliseconds = await page.evaluate(() =>
      Math.round(performance.getEntriesByType("navigation")[0]?.duration ?? 0),
    );
    console.log(`the console loaded in ${milliseconds} ms`);
  });

  test("what is configured or presented shows as text, whatever it holds", async () => {
    const { page, complaints } = await open();
    await page.goto(origin);
    await theft(HOSTILE);
    const signal = page.locator("#signals > li", { hasText: HOSTILE }).first();
    await signal.waitFor();
    expect(await page.locator("#signals img").count()).toBe(0);
    await page.reload();
    await signal.waitFor();
    expect(await page.title()).toBe("Overview · Assay");
    expect(complaints).toEqual([]);
  });
});

describe("signals", () => {
  test("one that comes while the page is open shows with what it means, and the next step", async () => {
    const { page } = await open();
    await page.goto(origin);
    await page.getByText("Live", { exact: true }).waitFor();
    const began = performance.now();
    await theft();
    const signal = page.locator("#signals > li[data-severity=critical]", { hasText: "web" }).first();
    await signal.waitFor();
    console.log(`the signal showed after ${Math.round(performance.now() - began)} ms, the theft included`);
    expect(await signal.textContent()).toMatch(
      /A refresh token was used twice.*Its whole family was revoked.*Next:.*sign in again/s,
    );
    expect(await page.locator("#announcement").textContent()).toBe("critical: A refresh token was used twice");
  });

  test("those of one family that say the same are one, with how often it came", async () => {
    const { page } = await open();
    await page.goto(origin);
    const { refresh_token: token = "" } = await family();
    const from = (ip: string) =>
      client.issue({ refresh: { refresh_token: token, client_id: "web", context: { client_ip: ip } } });
    await from("192.0.2.1");
    for (let time = 0; time < 3; time++) await from("198.51.100.1");
    const signal = page.locator("#signals > li", { hasText: "3 times" });
    await signal.waitFor();
    expect(await signal.count()).toBe(1);
  });

  test("one that came between the page and its connection shows too", async () => {
    const { page } = await open();
    const held = Promise.withResolvers<void>();
    await page.route("**/events", async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.goto(origin);
    const critical = page.locator("#signals > li[data-severity=critical]");
    const before = await critical.count();
    await theft();
    held.resolve();
    await critical.nth(before).waitFor();
    expect(await critical.count()).toBe(before + 1);
  });

  test("mild ones are hidden on request", async () => {
    const { page } = await open();
    await page.goto(origin);
    await theft();
    const { access_token: token, sid } = await family();
    await client.revoke({ sid });
    await client.introspect({ token });
    const mild = page.locator("#signals > li[data-severity=info]");
    await mild.first().waitFor();
    await page.getByText("Critical", { exact: true }).click();
    expect(await mild.first().isVisible()).toBe(false);
    expect(await page.locator("#signals > li[data-severity=critical]").first().isVisible()).toBe(true);
  });
});

describe("looking up and revoking", () => {
  test("by the keyboard alone a family is found, revoked, and inactive to whoever asks", async () => {
    const { access_token: token, sid } = await family();
    const { page } = await open();
    await page.goto(`${origin}/tokens`);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, "SELECT");
    await page.keyboard.press("Tab");
    await page.keyboard.type(sid);
    await page.keyboard.press("Enter");
    await page.getByText("alive", { exact: true }).waitFor();
    await page.keyboard.press("Tab");
    await tabTo(page, "Revoke…");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Revoke this family?" }).waitFor();
    await page.keyboard.type("a stolen laptop");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    expect(await isActive(token)).toBe(true);
    await tabTo(page, "Revoke for good");
    await page.keyboard.press("Enter");
    await page.getByText("Revoked.", { exact: true }).waitFor();
    expect(await page.getByText("dead", { exact: true }).isVisible()).toBe(true);
    expect(await isActive(token)).toBe(false);
    expect(page.url()).not.toContain(sid);
  });

  test("a token that is pasted does not leave the browser", async () => {
    const { access_token: token, refresh_token: refreshToken = "" } = await family();
    const { page, asked } = await open();
    await page.goto(`${origin}/tokens`);
    for (const secret of [token, refreshToken]) {
      await page.getByLabel("Its identifier").fill(secret);
      const before = asked.length;
      await page.keyboard.press("Enter");
      await page.getByText("it stays in your browser").waitFor();
      expect(asked.length).toBe(before);
      expect(await page.getByLabel("Its identifier").inputValue()).toBe("");
    }
  });

  test("without scripts everything but the plots is there, and a pasted token is refused without being shown", async () => {
    const { access_token: token } = await family();
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(origin);
    expect(await page.locator(".tile").count()).toBeGreaterThan(2);
    await page.getByRole("link", { name: "Look up" }).click();
    await page.getByLabel("Its identifier").fill(token);
    await page.getByRole("button", { name: "Look up" }).click();
    expect(await page.getByRole("alert").first().textContent()).toContain("looks like a token");
    expect(await page.content()).not.toContain(token);
    expect(page.url()).not.toContain(token);
  });
});

describe("how it looks", () => {
  test.each(["light", "dark"] as const)("in %s every text stands out from its ground", async (colorScheme) => {
    const { page } = await open({ colorScheme });
    await theft();
    for (const path of PAGES) {
      await page.goto(origin + path);
      await page.waitForLoadState("load");
      expect(await faintTexts(page)).toEqual([]);
    }
  });

  test("dark is dark, and light is light", async () => {
    const { page } = await open({ colorScheme: "dark" });
    await page.goto(origin);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.emulateMedia({ colorScheme: "light" });
    expect([dark, await ground()]).toEqual(["rgb(18, 22, 21)", "rgb(244, 245, 243)"]);
  });

  test("on a phone no page is wider than the screen", async () => {
    const { sid } = await family();
    const { page } = await open({ viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true });
    await page.goto(`${origin}/tokens`);
    await page.getByLabel("Its identifier").fill(sid);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("alive", { exact: true }).waitFor();
    expect(await widthOf(page)).toBe(375);
    for (const path of PAGES) {
      await page.goto(origin + path);
      expect(await widthOf(page)).toBe(375);
    }
  });

  test("who wants no motion gets none", async () => {
    const { page } = await open({ reducedMotion: "reduce" });
    await page.goto(origin);
    await theft();
    await page.locator("#signals > li.new").first().waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

test("a plot tells its values to who does not see it, and is read back by arrow keys", async () => {
  const { page } = await open();
  await page.goto(origin);
  const canvas = page.locator("[data-plot=rate] .canvas");
  await canvas.locator("svg").waitFor();
  await canvas.focus();
  await page.keyboard.press("ArrowLeft");
  expect(await page.locator("#announcement").textContent()).toMatch(/^\d\d:\d\d:\d\d UTC: introspections .*a second/);
  expect(await canvas.locator(".cursor").count()).toBe(1);
  await page.keyboard.press("Escape");
  expect(await canvas.locator(".cursor").count()).toBe(0);
});

test(
  "a page whose server has gone says since when, and is live again when the server is back",
  { timeout: 90_000 },
  async () => {
    const first = await serveByCli({ env });
    const address = await consoleAddress(first);
    const { page } = await open();
    await page.goto(`http://${address}`);
    await page.getByText("Live", { exact: true }).waitFor();
    first.signal("SIGKILL");
    await page.getByText(/Connection lost: shown is what was known at \d\d:\d\d:\d\d UTC/).waitFor();
    await serveByCli({ env: { ...env, ASSAY_ADMIN_ADDRESS: address } });
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await page.locator(".stale").count()).toBe(0);
  },
);

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
}

/** What has the focus is named by its text, or its element. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 30; step++) {
    const here = await page.evaluate(() => [
      document.activeElement?.tagName,
      document.activeElement?.textContent?.trim(),
    ]);
    if (here.includes(name)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** Texts whose contrast is below 4.5, as WCAG 2.2 has it. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const groundOf = (element: Element | null): string => {
      if (element === null) return "rgb(255, 255, 255)";
      const colour = getComputedStyle(element).backgroundColor;
      return channels(colour)[3] === 0 ? groundOf(element.parentElement) : colour;
    };
    const faint: string[] = [];
    for (const element of document.querySelectorAll("body *")) {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "",
      );
      if (!hasText || element.closest("svg, [hidden], .unseen, .skip, noscript, .new") !== null) continue;
      const [one, other] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5) faint.push(`${element.textContent?.trim().slice(0, 30)}: ${contrast.toFixed(1)}`);
    }
    return faint;
  });
}
