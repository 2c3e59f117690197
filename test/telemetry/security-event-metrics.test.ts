import { expect, test } from "vitest";
import { frozen, refusing, startEventReceiver, status, tellTo } from "../support/event-receiver.ts";
import { eventually } from "../support/eventually.ts";
import { startServer } from "../support/server.ts";
import { metricsAddress, scrape } from "./scrape.ts";

test("each end of an event is counted by receiver, and what waits is measured", async () => {
  const receiver = await startEventReceiver();
  const server = await startServer({
    events: tellTo(receiver),
    telemetry: { prometheus_address: "127.0.0.1:0" },
    listen: { shutdown_grace: "50ms" },
  });
  receiver.next.push(status(503), refusing("invalid_issuer"));
  const revoke = (sub: string) => server.client().revoke({ subject: { sub } });
  // The first is sent again, and refused then.
  await revoke("a");
  await receiver.deliveries(2);
  await revoke("b");
  await receiver.deliveries(3);
  receiver.answer = frozen;
  await revoke("c");
  await receiver.deliveries(4);

  const scraped = await eventually("all ends are counted", async () => {
    const told = await scrape(metricsAddress(server.log()));
    const delivered = { assay_receiver: "siem", assay_outcome: "delivered" };
    return told.value("assay_security_events_total", delivered) === 1 ? told : undefined;
  });
  const count = (outcome: string) => scraped.value("assay_security_events_total", { assay_outcome: outcome });
  expect([count("retried"), count("refused"), count("delivered")]).toEqual([1, 1, 1]);
  expect(scraped.value("assay_security_events_waiting", { assay_receiver: "siem" })).toBe(1);
});
