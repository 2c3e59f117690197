import type { EventName } from "../core/events/security-event.ts";

/** What a request to a receiver shows, and by what it knows the receiver. */
export type Credentials = {
  /** The value of the header `authorization`. */
  authorization?: string;
  /** PEM: the authorities that sign its certificate; the system's when absent. */
  ca?: string;
};

/** Who is told of events. */
export type Receiver = {
  /** Words of the configuration: a label of metrics. */
  name: string;
  /** https, or http on loopback. */
  url: URL;
  audience: string;
  events: ReadonlySet<EventName>;
  allowPrivateAddresses: boolean;
  /** Asked for with each request, so that renewed files are taken over. @throws StartError naming the setting and the file */
  credentials: () => Promise<Credentials>;
};
