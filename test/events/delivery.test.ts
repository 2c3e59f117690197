import { createServer } from "node:http";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { eventually } from "../support/eventually.ts";
import {
  accepted,
  type Answer,
  type EventReceiver,
  frozen,
  refusing,
  startEventReceiver,
  status,
} from "../support/event-receiver.ts";
import { openSender, type Sender, sessionOf, toReceiver } from "./deliver.ts";

async function receiverAndSender(): Promise<{ receiver: EventReceiver; sender: Sender }> {
  const receiver = await startEventReceiver();
  return { receiver, sender: await openSender([toReceiver(receiver)]) };
}

/** Until nothing waits any more. */
function done(sender: Sender): Promise<true> {
  return eventually("nothing waits", () => (sender.waiting("siem") === 0 ? true : undefined));
}

const closed: Answer = (response) => {
  response.socket?.destroy();
};

function failing(sender: Sender): Promise<Sender["log"][number]> {
  return eventually("it is said", () => sender.log[0]);
}

describe("a push (RFC 8935)", () => {
  test("is a POST of the token alone, over one connection that is kept", async () => {
    const { receiver, sender } = await receiverAndSender();
    for (const session of ["1", "2", "3"]) {
      sender.tell(session);
      await receiver.deliveries(Number(session));
      await done(sender);
    }
    expect(receiver.delivered.map(({ claims }) => sessionOf(claims))).toEqual(["1", "2", "3"]);
    const [first] = receiver.delivered;
    expect(first).toMatchObject({ method: "POST", path: "/events", header: { typ: "secevent+jwt" } });
    expect(first?.headers).toMatchObject({ "content-type": "application/secevent+jwt", accept: "application/json" });
    expect(first?.headers).not.toHaveProperty("authorization");
    expect(receiver.connections()).toBe(1);
    expect(sender.told).toEqual(Array.from({ length: 3 }, () => ({ receiver: "siem", delivery: "delivered" })));
  });

  test("shows what the receiver asks for, as it is when it is sent", async () => {
    const receiver = await startEventReceiver();
    const tokens = ["Bearer first", "Bearer second"];
    const told = toReceiver(receiver);
    const credentials = async () => ({ ...(await told.credentials()), authorization: tokens.shift() ?? "none" });
    const sender = await openSender([{ ...told, credentials }]);
    sender.tell("1");
    await receiver.deliveries(1);
    sender.tell("2");
    const shown = (await receiver.deliveries(2)).map(({ headers }) => headers.authorization);
    expect(shown).toEqual(["Bearer first", "Bearer second"]);
  });

  test("is made anew at once where the receiver closed the connection that was kept", async () => {
    const { receiver, sender } = await receiverAndSender();
    sender.tell("1");
    await receiver.deliveries(1);
    await done(sender);
    receiver.next.push(closed);
    sender.tell("2");
    await receiver.deliveries(3);
    await done(sender);
    expect(sender.count("retried")).toBe(0);
    expect(sender.count("delivered")).toBe(2);
  });
});

describe("what is tried again", () => {
  test.each<[string, Answer]>([
    ["401", status(401)],
    ["403", status(403)],
    ["429", status(429)],
    ["500", status(500)],
    ["503", status(503, { "retry-after": "1" })],
    ["400 that speaks of us", refusing("authentication_failed")],
    ["a connection that breaks", closed],
    [
      "half an answer",
      (response) => response.writeHead(202, { "content-length": "9" }).write("a", () => closed(response)),
    ],
  ])("%s: the same event comes again, and then no more", async (_what, answer) => {
    const { receiver, sender } = await receiverAndSender();
    receiver.next.push(answer);
    sender.tell("1");
    const [first, second] = await receiver.deliveries(2);
    await done(sender);
    expect(second?.claims).toEqual(first?.claims);
    expect(sender.told.map(({ delivery }) => delivery)).toEqual(["retried", "delivered"]);
    expect(receiver.delivered).toHaveLength(2);
    expect(sender.log.map(({ message }) => message)).toEqual([
      "security events are not accepted: they wait, and are sent again",
      "security events are accepted again",
    ]);
  });

  test("a receiver that is gone gets all when it comes back, each once", async () => {
    const { receiver, sender } = await receiverAndSender();
    await receiver.down();
    for (let session = 0; session < 50; session += 1) sender.tell(String(session));
    await eventually("an attempt has failed", () => sender.count("retried") || undefined);
    await receiver.up();
    const sessions = (await receiver.deliveries(50)).map(({ claims }) => sessionOf(claims));
    await done(sender);
    expect(new Set(sessions).size).toBe(50);
    expect(sender.count("delivered")).toBe(50);
  });

  test("a receiver that is down is asked by one attempt at a time, not by all that wait", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = status(503);
    for (let session = 0; session < 200; session += 1) sender.tell(String(session));
    await eventually("it was tried for a while", () => (sender.count("retried") >= 10 ? true : undefined));
    // The first wave is eight at once; each later one is a single attempt.
    expect(receiver.delivered.length).toBeLessThan(14);
    receiver.answer = accepted;
    await done(sender);
    expect(sender.count("delivered")).toBe(200);
  });

  test("an event that the receiver stumbles over holds up no other", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = (response) => {
      const poison = receiver.delivered.at(-1);
      (poison !== undefined && sessionOf(poison.claims) === "poison" ? status(500) : accepted)(response);
    };
    sender.tell("poison");
    for (let session = 0; session < 20; session += 1) sender.tell(String(session));
    await eventually("all others are there", () => (sender.count("delivered") === 20 ? true : undefined));
    expect(sender.waiting("siem")).toBe(1);
  });
});

describe("what is final", () => {
  test.each<[string, Answer, string]>([
    ["a refusal", refusing("invalid_key", "the key of eyJhbGciOiJub25lIn0.e30. is unknown"), "refused: invalid_key"],
    ["a refusal in no known words", refusing("nonsense"), "refused: status 400"],
    ["a redirect", status(307, { location: "/elsewhere" }), "refused: status 307"],
    ["an answer that is no acceptance", status(200), "refused: status 200"],
  ])("%s: it is said and counted, and the event never comes again", async (_what, answer, cause) => {
    const { receiver, sender } = await receiverAndSender();
    receiver.next.push(answer);
    sender.tell("refused");
    await eventually("it is refused", () => sender.count("refused") || undefined);
    sender.tell("next");
    await eventually("the next is there", () => sender.count("delivered") || undefined);
    expect(receiver.delivered.map(({ claims }) => sessionOf(claims))).toEqual(["refused", "next"]);
    const [line] = sender.log;
    expect(line).toEqual({
      level: "error",
      fields: { receiver: "siem", lost: { [cause]: 1 } },
      message: "security events were not delivered",
    });
  });
});

describe("a receiver is not reached", () => {
  test("whose certificate another authority has signed: it is sent nothing", async () => {
    const [receiver, stranger] = await Promise.all([startEventReceiver(), startEventReceiver()]);
    const { credentials } = toReceiver(stranger);
    const sender = await openSender([toReceiver(receiver, { credentials })]);
    sender.tell("1");
    expect((await failing(sender)).fields).toMatchObject({ why: expect.stringMatching(/CERT|ISSUER|SIGNATURE/) });
    expect(receiver.delivered).toEqual([]);
  });

  test.each(["localhost", "127.0.0.1", "0x7f.1"])("at %s, unless that is allowed", async (host) => {
    const receiver = await startEventReceiver();
    const url = new URL(receiver.url.replace("localhost", host));
    const sender = await openSender([toReceiver(receiver, { url, allowPrivateAddresses: false })]);
    sender.tell("1");
    expect((await failing(sender)).fields).toMatchObject({ why: expect.stringContaining("no public address") });
    expect(receiver.connections()).toBe(0);
  });

  test("while its token cannot be read: the log says which file", async () => {
    const receiver = await startEventReceiver();
    const unreadable = new StartError("The authorization file /a cannot be read.");
    const sender = await openSender([toReceiver(receiver, { credentials: () => Promise.reject(unreadable) })]);
    sender.tell("1");
    expect((await failing(sender)).fields).toMatchObject({ why: "The authorization file /a cannot be read." });
    expect(receiver.connections()).toBe(0);
  });

  test("over http, but on loopback it is", async () => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(202).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = address === null || typeof address === "string" ? 0 : address.port;
    const plain = {
      ...toReceiver(await startEventReceiver()),
      url: new URL(`http://localhost:${port}/events`),
      credentials: async () => ({}),
    };
    const sender = await openSender([plain]);
    sender.tell("1");
    await eventually("it is delivered", () => sender.count("delivered") || undefined);
    expect(paths).toEqual(["/events"]);
  });
});

describe("a receiver that is frozen", () => {
  test("holds up no other", async () => {
    const [slow, quick] = await Promise.all([startEventReceiver(), startEventReceiver()]);
    slow.answer = frozen;
    const sender = await openSender([toReceiver(slow, { name: "slow" }), toReceiver(quick, { name: "quick" })]);
    for (let session = 0; session < 100; session += 1) sender.tell(String(session));
    await eventually("the other has all", () => (sender.count("delivered") === 100 ? true : undefined));
    expect(sender.waiting("slow")).toBe(100);
    expect(slow.delivered.length).toBeLessThanOrEqual(8);
  });

  test("has so many kept for it and no more; of signals half as many; the rest is dropped, counted and said", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = frozen;
    for (let session = 0; session < 6_000; session += 1) sender.tell(String(session), "signal");
    await eventually("signals are dropped", () => (sender.count("queue_full") === 1_000 ? true : undefined));
    for (let session = 0; session < 5_001; session += 1) sender.tell(String(session));
    await eventually("another is dropped", () => (sender.count("queue_full") === 1_001 ? true : undefined));
    expect(sender.waiting("siem")).toBe(10_000);
    expect(sender.log[0]).toMatchObject({ level: "error", fields: { lost: { queue_full: 1 } } });
    await sender.events.close(0, AbortSignal.abort());
    expect(sender.count("stopped")).toBe(10_000);
  });

  test("has bytes kept for it up to a bound", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = frozen;
    const long = "s".repeat(1_000_000);
    for (let session = 0; session < 20; session += 1) sender.tell(`${session}${long}`);
    await eventually("the rest is dropped", () => (sender.count("queue_full") === 4 ? true : undefined));
    expect(sender.waiting("siem")).toBe(16);
  });
});

describe("a stop", () => {
  const none = new AbortController().signal;

  test("waits for what is told last", async () => {
    const { receiver, sender } = await receiverAndSender();
    const held = Promise.withResolvers<() => void>();
    receiver.answer = (response) => held.resolve(() => accepted(response));
    sender.tell("last");
    const closing = sender.events.close(60_000, none);
    (await held.promise)();
    await closing;
    expect(sender.count("delivered")).toBe(1);
  });

  test("waits no longer than it may: what is left is counted and said", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = frozen;
    for (let session = 0; session < 20; session += 1) sender.tell(String(session));
    await receiver.deliveries(8);
    await sender.events.close(50, none);
    expect(sender.count("stopped")).toBe(20);
    const lost = sender.log.map(({ fields }) => ("lost" in fields ? fields.lost : undefined));
    expect(lost).toContainEqual({ stopped: 19 });
  });

  test("takes nothing any more: what is told after it is counted all the same", async () => {
    const { receiver, sender } = await receiverAndSender();
    await sender.events.close(0, none);
    sender.tell("late");
    await eventually("it is dropped", () => sender.count("stopped") || undefined);
    expect(receiver.delivered).toEqual([]);
  });

  test("in a hurry waits for nothing", async () => {
    const { receiver, sender } = await receiverAndSender();
    receiver.answer = frozen;
    sender.tell("1");
    await receiver.deliveries(1);
    const hurry = new AbortController();
    const closing = sender.events.close(3_600_000, hurry.signal);
    hurry.abort();
    await closing;
    expect(sender.count("stopped")).toBe(1);
  });
});
