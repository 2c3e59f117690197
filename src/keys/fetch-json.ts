/** What the peer controls is bounded: where the answer comes from, how long it takes, how much it holds. */
export type FetchBounds = { signal: AbortSignal; maxBytes: number };

/** A complete answer that is not 200. */
export class UnexpectedStatus extends Error {
  readonly status: number;

  constructor(url: URL, status: number) {
    super(`${url.href} answered ${status}`);
    this.name = "UnexpectedStatus";
    this.status = status;
  }
}

/** Redirects are errors: they could lead off https. @throws Error */
export async function fetchJson(url: URL, { signal, maxBytes }: FetchBounds): Promise<unknown> {
  const response = await fetch(url, {
    signal,
    redirect: "error",
    headers: { accept: "application/json, application/jwk-set+json" },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new UnexpectedStatus(url, response.status);
  }
  const text = await readText(url, response, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which quotes what it read.
    throw new Error(`${url.href} answered something that is not JSON`);
  }
}

/** Counts what arrives after decompression. Leaving the loop early closes the connection. */
async function readText(url: URL, response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`${url.href} answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
}
