import type { Connection } from "./connection.ts";
import { bytes, integer } from "./row.ts";

export function putOpaqueToken({ statements }: Connection, digest: Buffer, sealed: Buffer, expiresAt: number): void {
  statements.opaquePut.run(digest, expiresAt, sealed);
}

export function getOpaqueToken({ statements }: Connection, digest: Buffer): Buffer | undefined {
  const row = statements.opaqueGet.get(digest);
  if (row === undefined) return undefined;
  const sealed = bytes(row, "sealed");
  return integer(row, "is_known") === 1 ? sealed : undefined;
}
