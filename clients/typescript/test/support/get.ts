import { request } from "node:http";
import { recordEmitted, recordTokensIn } from "../../../../test/support/leaks/record.ts";

export type Answer = {
  status: number | undefined;
  challenge: string | undefined;
  retryAfter: string | undefined;
  nonce: string | undefined;
  /** Decoded where it is JSON. */
  body: unknown;
};

/** A GET with headers as they are given: the same name may come twice. What comes back must hold no token. */
export async function get(url: string, headers: readonly (readonly [string, string])[]): Promise<Answer> {
  recordTokensIn(headers.flat().join("\n"));
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(url, { agent: false });
  const names = new Set(headers.map(([name]) => name));
  for (const name of names)
    sent.setHeader(
      name,
      headers.flatMap(([own, value]) => (own === name ? [value] : [])),
    );
  sent.on("error", reject).on("response", (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("error", reject).on("end", () => {
      recordEmitted("error output", `${response.rawHeaders.join("\n")}\n${text}`);
      const { "www-authenticate": challenge, "retry-after": retryAfter, "dpop-nonce": nonce } = response.headers;
      const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
      resolve({
        status: response.statusCode,
        challenge,
        retryAfter,
        nonce: typeof nonce === "string" ? nonce : undefined,
        body: isJson ? JSON.parse(text) : text,
      });
    });
  });
  sent.end();
  return promise;
}
