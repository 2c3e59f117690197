/** Of several workers the first serves the console, for all of them. */
import { expect, test } from "vitest";
import { ask, consoleAddress, formTokenIn, textOf } from "../support/console.ts";
import { eventually } from "../support/eventually.ts";
import { serveWithCrew, signal, two } from "../wire/crew.ts";

const env = { ASSAY_ADMIN_ADDRESS: "127.0.0.1:0" };
const API = "https://api.example";

test("it shows the view of each, counts the calls of all, and revokes for all", async () => {
  const served = await serveWithCrew(2, { env });
  const { first, second, secondPid } = await two(served);
  const address = await consoleAddress(served);
  const overview = async () => textOf(await ask(address, "/"));
  await eventually("both are shown", async () => {
    const text = await overview();
    return /worker 1 (fresh|late) .*worker 2 (fresh|late) /.test(text) ? true : undefined;
  });
  await eventually("the calls of the second are counted", async () => {
    for (let call = 0; call < 50; call++) await second.introspect({ token: "x" });
    return /Introspections [1-9][\d,.]* \/s/.test(await overview()) ? true : undefined;
  });

  const { access_token: token, sid } = await first.issue({
    mint: { client_id: "dev", subject: "a", audience: [API], refresh: true },
  });
  const form = formTokenIn(await ask(address, "/tokens"));
  const answered = await ask(address, "/tokens/revoke", {
    form: { form, by: "sid", name: sid, reason: "a test", sure: "yes" },
  });
  expect(textOf(answered)).toContain("Revoked.");
  for (const client of [first, second]) expect(await client.introspect({ token })).not.toHaveProperty("active");

  signal(secondPid, "SIGSTOP");
  await eventually("it is told that one is silent", async () =>
    (await overview()).includes("silent did not answer in time") ? true : undefined,
  );
  signal(secondPid, "SIGCONT");
});

test("when the first is replaced, the next serves the console", async () => {
  const served = await serveWithCrew(2, { env: { ...env } });
  const { firstPid } = await two(served);
  const before = await consoleAddress(served);
  signal(firstPid, "SIGKILL");
  await eventually(
    "another serves it",
    async () => ((await consoleAddress(served)) === before ? undefined : true),
    30_000,
  );
  expect((await ask(await consoleAddress(served), "/")).status).toBe(200);
});
