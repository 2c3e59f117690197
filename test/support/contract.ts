/** The contract as @grpc/proto-loader reads it from the proto files: nothing of `src/gen`. */
import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";

const definitions = loadSync(
  [
    "assay/v1/token_service.proto",
    "assay/v1/authority_service.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
  ],
  {
    includeDirs: [fileURLToPath(new URL("../../proto", import.meta.url))],
    keepCase: true,
    longs: Number,
    enums: String,
  },
);

type MessageType = MessageTypeDefinition<object, object>;

const SERVICES = ["assay.v1.TokenService", "assay.v1.AuthorityService"];

export type Method =
  | "Introspect"
  | "BatchIntrospect"
  | "IntrospectStream"
  | "Revoke"
  | "Issue"
  | "WatchRevocations"
  | "WatchSignals"
  | "GetJwks"
  | "Join"
  | "Sync"
  | "Recognise"
  | "RememberProof"
  | "CountNetworks"
  | "ReportSignals";

/** @returns the definition of an RPC: its path, and how to encode and decode its messages */
export function method(name: Method): ServiceDefinition[string] {
  const definition = SERVICES.map((one) => service(one)[name]).find((found) => found !== undefined);
  if (definition === undefined) throw new Error(`the contract has no RPC ${name}`);
  return definition;
}

/** Every RPC of the contract, by name. */
export function methodNames(): string[] {
  return SERVICES.flatMap((one) => Object.keys(service(one)));
}

/** Decodes a message of the given type. */
export function decodeMessage(type: string, bytes: Uint8Array): unknown {
  return messageOf(type).deserialize(Buffer.from(bytes));
}

/** Encodes a message of the given type. */
export function encodeMessage(type: string, message: object): Buffer {
  return messageOf(type).serialize(message);
}

function messageOf(type: string): MessageType {
  const definition = definitions[type];
  if (definition === undefined || !isMessage(definition)) throw new Error(`the contract has no message ${type}`);
  return definition;
}

function isMessage(definition: object): definition is MessageType {
  return "format" in definition && "serialize" in definition;
}

function service(name: string): ServiceDefinition {
  const definition = definitions[name];
  if (definition === undefined || "format" in definition) throw new Error(`the contract has no service ${name}`);
  return definition;
}
