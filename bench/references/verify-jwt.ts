/** The echo with one jose `jwtVerify` of a constant token a call: its issuer and audience checked, its key imported beforehand. */
import { importJWK, jwtVerify } from "jose";
import { z } from "zod";
import { serve } from "./echo-server.ts";
import { readSettings } from "./settings.ts";

const { answers, extra } = readSettings(
  z.object({ token: z.string(), jwk: z.record(z.string(), z.unknown()), issuer: z.string(), audience: z.string() }),
);
const { token, jwk, issuer, audience } = extra;
const alg = String(jwk["alg"]);
const key = await importJWK(jwk, alg);

serve(answers, () => jwtVerify(token, key, { issuer, audience, algorithms: [alg], typ: "at+jwt" }));
