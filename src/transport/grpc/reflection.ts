import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";

/** The contract's folder lies beside `src` and `dist` alike. */
const PROTO_DIRECTORY = fileURLToPath(new URL("../../../proto", import.meta.url));
const FILES = [
  "assay/v1/token_service.proto",
  "assay/v1/authority_service.proto",
  "assay/v1/error_reason.proto",
  "google/rpc/error_details.proto",
];

/** Loaded only where reflection is on: reading the proto files is slow. */
export async function addReflection(server: Pick<Server, "addService">): Promise<void> {
  const [{ load }, { ReflectionService }] = await Promise.all([
    import("@grpc/proto-loader"),
    import("@grpc/reflection"),
  ]);
  const contract = await load(FILES, { includeDirs: [PROTO_DIRECTORY], keepCase: true });
  new ReflectionService(contract).addToServer(server);
}
