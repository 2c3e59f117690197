/** A service that calls Assay. */
export type Caller = {
  name: string;
  /** Its own identifier. */
  audience: string;
  /** Whether it forwards the client's address and user agent. */
  forwards: boolean;
};

/** Before which people log in: it mints and refreshes for them. */
export const LOGIN: Caller = service("login");

export const SERVICES: readonly Caller[] = [
  service("orders"),
  service("profile"),
  service("search"),
  service("billing"),
  service("messages"),
  // Some always forgets, or is behind something that does.
  { ...service("reports"), forwards: false },
];

/** The one that asks for others: with the audience of the service behind it. */
export function gatewayFor(audience: string): Caller {
  return { name: "gateway", audience, forwards: true };
}

function service(name: string): Caller {
  return { name, audience: `https://${name}.example`, forwards: true };
}
