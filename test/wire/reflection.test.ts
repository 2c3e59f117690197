import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startServer } from "../support/server.ts";

const PROTO = fileURLToPath(
  new URL("../proto/grpc/reflection/v1/reflection.proto", import.meta.resolve("@grpc/reflection")),
);
const { ServerReflectionInfo } = z
  .object({
    ServerReflectionInfo: z.custom<{
      path: string;
      requestSerialize: (request: object) => Buffer;
      responseDeserialize: (bytes: Buffer) => unknown;
    }>(),
  })
  .parse(loadSync(PROTO, { keepCase: true })["grpc.reflection.v1.ServerReflection"]);

async function ask(address: string, request: object): Promise<unknown> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = ServerReflectionInfo;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  stream.write(request);
  const [answer] = await once(stream, "data");
  stream.end();
  return answer;
}

test("in development reflection lists the service and serves the contract", async () => {
  const { address } = await startServer();
  const listed = z
    .object({ list_services_response: z.object({ service: z.array(z.object({ name: z.string() })) }) })
    .parse(await ask(address, { list_services: "*" }));
  const names = listed.list_services_response.service.map(({ name }) => name);
  // They come in the order in which their files were read.
  expect(names.toSorted()).toEqual(["assay.v1.AuthorityService", "assay.v1.TokenService"]);
  const answer = await ask(address, { file_containing_symbol: "assay.v1.TokenService.Introspect" });
  expect(JSON.stringify(answer)).toContain("file_descriptor_response");
});

test("otherwise it is off, unless the configuration says so", async () => {
  const off = await startServer({ development: false });
  await expect(ask(off.address, { list_services: "*" })).rejects.toMatchObject({ code: 12 });
  const on = await startServer({ development: false, listen: { reflection: true } });
  expect(await ask(on.address, { list_services: "*" })).toHaveProperty("list_services_response");
});
