import type { ProofUse } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { bytes } from "./row.ts";

/** A proof used without a request is kept with an empty one, which no digest equals. */
const NO_REQUEST = Buffer.alloc(0);

/** Inside a transaction. An expired use that has not been purged yet still counts: the proof itself has expired too. */
export function rememberProof(
  { statements }: Connection,
  key: Buffer,
  request: Buffer | undefined,
  expiresAt: number,
): ProofUse {
  if (statements.replayPut.run(key, expiresAt, request ?? NO_REQUEST).changes === 1) {
    return "first";
  }
  const row = statements.replayRequest.get(key);
  const isSame = request !== undefined && row !== undefined && bytes(row, "request").equals(request);
  return isSame ? "same_request" : "replayed";
}
