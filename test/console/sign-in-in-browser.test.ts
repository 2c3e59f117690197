/** Out of development a browser is asked who it is when it revokes. */
import { expect, onTestFinished, test } from "vitest";
import { launchChromium, openPage } from "../support/browser.ts";
import { consoleAddress } from "../support/console.ts";
import { API, startServer, testCaller } from "../support/server.ts";

const desk = testCaller({
  name: "desk",
  permissions: ["admin", "revoke", "issue", "introspect"],
  audiences: [API],
  clients: ["*"],
});

test("looking takes no credentials; revoking takes a caller's, for which the browser asks", async () => {
  const server = await startServer({
    development: false,
    callers: [desk.entry],
    admin: { address: "127.0.0.1:0" },
    log: { audit: true },
  });
  const client = server.client({ secret: desk.secret });
  const minted = await client.issue({ mint: { client_id: "web", subject: "a", audience: [API], refresh: true } });
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const httpCredentials = { username: "desk", password: desk.secret };
  const { page } = await openPage(browser, onTestFinished, { httpCredentials });

  await page.goto(`http://${await consoleAddress(server)}/tokens`);
  await page.getByText("You are console").waitFor();
  await page.getByLabel("Its identifier").fill(minted.sid);
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByRole("button", { name: "Revoke…" }).click();
  await page.getByText("your browser will ask for the name and the secret").waitFor();
  await page.getByLabel("Why").fill("a stolen laptop");
  await page.getByLabel("I know that this cannot be undone").check();
  expect(await client.introspect({ token: minted.access_token })).toMatchObject({ active: true });
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await page.getByText("Revoked.", { exact: true }).waitFor();
  await page.getByText("You are desk").waitFor();
  expect(await client.introspect({ token: minted.access_token })).toEqual({});
  expect(server.log()).toMatch(/assay\.revocation.*"assay\.caller":"desk"|"assay\.caller":"desk".*assay\.revocation/);
});
