/** What `@assay/client` offers. Middleware has entries of its own: `@assay/client/express` and so on. */
export { AssayClientError } from "./client-error.ts";
export type { FieldFault, StatusName } from "./client-error.ts";
export type { CacheOptions, ClientOptions, Credentials, TlsOptions } from "./client-options.ts";
export type {
  ActiveIntrospection,
  InactiveIntrospection,
  Introspection,
  IntrospectOptions,
  PresentedProof,
  RequestContext,
} from "./introspection.ts";
export { type AssayClient, openClient } from "./open-client.ts";
