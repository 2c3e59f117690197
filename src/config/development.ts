import type { Config, ConfigInput } from "./schema.ts";

const API = "https://api.example";
const ORDERS = "https://orders.example";

/** What is served where nothing is configured: everything to try Assay with, on this machine alone. */
export const DEVELOPMENT_CONFIG: ConfigInput = {
  development: true,
  issuer: "http://127.0.0.1:50051",
  clients: [
    {
      client_id: "dev",
      scopes: ["read", "write", "admin"],
      audiences: [API, ORDERS],
      formats: ["jwt", "opaque"],
      grants: ["mint", "refresh", "exchange"],
      subject_audiences: [API, ORDERS],
    },
    {
      client_id: "orders",
      scopes: ["read", "write"],
      audiences: [ORDERS],
      formats: ["jwt", "opaque"],
      grants: ["mint", "refresh", "exchange"],
      subject_audiences: [API, ORDERS],
    },
  ],
};

/** As which resource servers the unauthenticated caller of a development start may ask: all that the configuration names. */
export function developmentAudiences({ clients, issuers }: Config): ReadonlySet<string> {
  return new Set([...clients, ...issuers].flatMap(({ audiences }) => audiences));
}
