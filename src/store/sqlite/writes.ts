/** Everything that is written, by name: each is one step inside a transaction of the writing thread. */
import type { FamilyRecord, Rotation } from "../../core/ports.ts";
import type { HeldRevocation, Revocation } from "../../core/revocation-log.ts";
import { appendRevocation } from "./append-revocation.ts";
import type { Connection } from "./connection.ts";
import { createFamily, killFamily } from "./families.ts";
import { swapKeyring } from "./keyrings.ts";
import { countNetworks, type NetworkSeen } from "./networks.ts";
import { putOpaqueToken } from "./opaque-tokens.ts";
import type { Position } from "./position.ts";
import { purge } from "./purge.ts";
import { noteHealing, putBack } from "./put-back.ts";
import { rememberProof } from "./replays.ts";
import { rotateFamily } from "./rotate-family.ts";

type NewFamily = Omit<FamilyRecord, "dead" | "generation">;
type ProofUsed = { key: Buffer; request: Buffer | undefined; expiresAt: number };

const WRITES = {
  append: (on: Connection, { revocation, now }: { revocation: Revocation; now: number }) =>
    appendRevocation(on, revocation, now),
  putBack: (on: Connection, { revocations, now }: { revocations: readonly HeldRevocation[]; now: number }) =>
    putBack(on, revocations, now),
  noteHealing: (on: Connection, { from, to }: { from: number; to: Position }) => noteHealing(on, from, to),
  createFamily: (on: Connection, { id, record }: { id: Buffer; record: NewFamily }) => createFamily(on, id, record),
  rotateFamily: (on: Connection, { id, rotation }: { id: Buffer; rotation: Rotation }) =>
    rotateFamily(on, id, rotation),
  killFamily: (on: Connection, { id }: { id: Buffer }) => killFamily(on, id),
  putOpaqueToken: (
    on: Connection,
    { digest, sealed, expiresAt }: { digest: Buffer; sealed: Buffer; expiresAt: number },
  ) => putOpaqueToken(on, digest, sealed, expiresAt),
  rememberProof: (on: Connection, { key, request, expiresAt }: ProofUsed) => rememberProof(on, key, request, expiresAt),
  countNetworks: (on: Connection, seen: NetworkSeen) => countNetworks(on, seen),
  swapKeyring: (on: Connection, { version, records }: { version: number; records: string }) =>
    swapKeyring(on, version, records),
  purge: (on: Connection, { now }: { now: number }) => purge(on, now),
};

export type WriteName = keyof typeof WRITES;
export type WriteArgument<Name extends WriteName> = Parameters<(typeof WRITES)[Name]>[1];
export type WriteResult<Name extends WriteName> = ReturnType<(typeof WRITES)[Name]>;

const BY_NAME: { [Name in WriteName]: (on: Connection, of: WriteArgument<Name>) => unknown } = WRITES;

export function perform<Name extends WriteName>(
  connection: Connection,
  { write, of }: { [Each in Name]: { write: Each; of: WriteArgument<Each> } }[Name],
): unknown {
  return BY_NAME[write](connection, of);
}
