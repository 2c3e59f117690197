import type { Config } from "../../config/schema.ts";
import { reachReceiver } from "../../events/reach-receiver.ts";
import type { Receiver } from "../../events/receiver.ts";
import { receiverOf } from "../event-receivers.ts";
import { fault, type Finding, messageOf, ok, type Said, warning } from "./finding.ts";

/** Whether receivers of security events can be reached. Nothing is sent to them. */
export function examineReceivers({ events }: Config): Promise<Finding[]> {
  return Promise.all(
    events.receivers.map(async (config) => ({
      subject: `receiver ${config.name}`,
      ...(await examine(receiverOf(config))),
    })),
  );
}

async function examine(receiver: Receiver): Promise<Said> {
  try {
    const why = await reachReceiver(receiver);
    if (why === undefined) return ok(`${receiver.url.host} can be reached.`);
    // It stands against no answer.
    return warning(
      `${receiver.url.host} cannot be told of events now (${why}). See that it runs, that it can be reached from here, and that ca_file names who signs its certificate.`,
    );
  } catch (error) {
    return fault(messageOf(error));
  }
}
