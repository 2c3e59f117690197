/**
 * node scripts/console-pictures.ts [SECONDS]: takes the pictures of the console that the README shows, docs/images/console-*.png. A server of
 * its own is asked about tokens for so long, two minutes by default; near the end a refresh token is stolen.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openPageOf } from "../test/support/browser.ts";
import { openClient, type TestClient } from "../test/support/client.ts";
import { takeScreenshots } from "../test/support/console-screenshots.ts";
import { startServe } from "./tour/processes.ts";

const API = "https://api.example";
const OTHER = "https://orders.example";
const seconds = Number(process.argv[2] ?? 120);
const images = resolve(import.meta.dirname, "../docs/images");

const directory = await mkdtemp(join(tmpdir(), "assay-pictures-"));
const server = await startServe(directory, undefined, { ASSAY_ADMIN_ADDRESS: "127.0.0.1:0" });
const client = openClient(server.address);
const over = new AbortController();
try {
  const traffic = honestTraffic(client, over.signal);
  await delay(seconds * 900);
  await theft(client);
  await delay(seconds * 100);
  const opened = await openPageOf(server.console ?? "");
  const { page } = opened;
  await page.locator("[data-plot=outcomes] svg").waitFor();
  for (const path of await takeScreenshots(page, images)) console.log(path);
  await opened.close();
  over.abort();
  await traffic;
} finally {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Live tokens mostly; some that were revoked, are for others, or are none. It comes in waves. */
async function honestTraffic(of: TestClient, until: AbortSignal): Promise<void> {
  const mint = (subject: string) =>
    of.issue({ mint: { client_id: "dev", subject, audience: [API], scope: "read", refresh: true } });
  const live = await Promise.all(["alice", "bob", "carol", "dave"].map(mint));
  const left = await mint("erin");
  await of.revoke({ sid: left.sid, reason: "log-out" });
  for (let tick = 0; !until.aborted; tick++) {
    const many = 14 + Math.round(8 * Math.sin(tick / 60) + 3 * Math.sin(tick / 9));
    const asked = Array.from({ length: many }, (_, index) => {
      const number = tick * 31 + index * 7;
      const audience = [number % 29 === 0 ? OTHER : API];
      if (tick % 100 === 50 && index === 0) return of.introspect({ token: left.access_token, audience });
      const token = number % 37 === 0 ? "not a token" : (live[number % live.length]?.access_token ?? "");
      return of.introspect({ token, audience });
    });
    if (tick % 7 === 0) await mint("frank");
    await Promise.all(asked);
    await delay(100);
  }
}

/** The thief refreshes twice; then the victim does. */
async function theft(of: TestClient): Promise<void> {
  const stolen = await of.issue({
    mint: { client_id: "dev", subject: "mallory's victim", audience: [API], refresh: true },
  });
  const refresh = (token = "") => of.issue({ refresh: { refresh_token: token, client_id: "dev" } });
  const second = await refresh(stolen.refresh_token);
  await refresh(second.refresh_token);
  await refresh(stolen.refresh_token).catch(() => undefined);
}
