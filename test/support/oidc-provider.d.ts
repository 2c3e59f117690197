/** As much of node-oidc-provider as the tests use: it comes without types. */
declare module "oidc-provider/lib/provider.js" {
  import type { RequestListener } from "node:http";

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
  }
}
