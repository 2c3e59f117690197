import type { Connection } from "./connection.ts";
import { bytes } from "./row.ts";

export function putOpaqueToken({ statements }: Connection, digest: Buffer, sealed: Buffer, expiresAt: number): void {
  statements.opaquePut.run(digest, expiresAt, sealed);
}

export function getOpaqueToken({ statements }: Connection, digest: Buffer): Buffer | undefined {
  const row = statements.opaqueGet.get(digest);
  return row && bytes(row, "sealed");
}
