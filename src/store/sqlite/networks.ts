import type { HalfWindows } from "../half-windows.ts";
import type { Connection } from "./connection.ts";
import { estimate, readSketch, sketched, withDigest, writeSketch } from "./network-sketch.ts";
import { bytes } from "./row.ts";

/** Of sketches: 10 MB where tokens keep to a few networks, 87 MB where they do not. */
const GREATEST_ROWS = 100_000;

export type NetworkSeen = { token: Buffer; network: Buffer; halves: HalfWindows };

/** Inside a transaction. Writes only what is new. @returns about how many networks both halves hold */
export function countNetworks(connection: Connection, { token, network, halves }: NetworkSeen): number {
  const [current, previous] = [halves.current, halves.previous].map((half) => readHalf(connection, token, half));
  const before = current ?? [];
  const now = withDigest(before, sketched(network));
  if (now !== undefined) connection.statements.networksPut.run(token, halves.current, halves.endsAt, writeSketch(now));
  // Ids ascend without gaps, so that nothing has to be counted.
  if (current === undefined) connection.statements.networksForget.run(GREATEST_ROWS);
  return estimate([now ?? before, previous ?? []]);
}

function readHalf({ statements }: Connection, token: Buffer, half: number): number[] | undefined {
  const row = statements.networksRead.get(token, half);
  return row === undefined ? undefined : readSketch(bytes(row, "sketch"));
}
