/** The standard health service, as a client sees it (grpc.health.v1). */
import { Client, credentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { onTestFinished } from "vitest";
import { z } from "zod";

const check = z.object({ status: z.string() });
const definition = z
  .object({ Check: z.custom<Method>(), Watch: z.custom<Method>() })
  .parse(loadSync(protoPath, { keepCase: true, enums: String, defaults: true })["grpc.health.v1.Health"]);

type Method = {
  path: string;
  requestSerialize: (request: object) => Buffer;
  responseDeserialize: (bytes: Buffer) => unknown;
};

export type HealthClient = {
  /** `SERVING` or `NOT_SERVING`. @throws ServiceError */
  check(service?: string): Promise<string>;
  /** Every status that is reported, until the stream has ended. */
  watch(service?: string): { seen: string[]; ended: Promise<void> };
};

/** Closed when the test has finished. */
export function healthClient(address: string): HealthClient {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { Check, Watch } = definition;
  return {
    check: (service = "") =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          Check.path,
          Check.requestSerialize,
          Check.responseDeserialize,
          { service },
          (error, answer) => (error === null ? resolve(check.parse(answer).status) : reject(error)),
        );
      }),
    watch(service = "") {
      const seen: string[] = [];
      const stream = client.makeServerStreamRequest(Watch.path, Watch.requestSerialize, Watch.responseDeserialize, {
        service,
      });
      stream.on("data", (answer: unknown) => seen.push(check.parse(answer).status));
      const ended = new Promise<void>((resolve) => {
        stream.on("error", () => resolve());
        stream.on("end", () => resolve());
      });
      return { seen, ended };
    },
  };
}
