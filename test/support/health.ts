/** The standard health service, as a client sees it (grpc.health.v1). */
import { Client, credentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { onTestFinished } from "vitest";
import { z } from "zod";

const check = z.object({ status: z.string() });
const list = z.object({ statuses: z.record(z.string(), check) });
const definition = z
  .object({ Check: z.custom<Method>(), List: z.custom<Method>(), Watch: z.custom<Method>() })
  .parse(loadSync(protoPath, { keepCase: true, enums: String, defaults: true })["grpc.health.v1.Health"]);

type Method = {
  path: string;
  requestSerialize: (request: object) => Buffer;
  responseDeserialize: (bytes: Buffer) => unknown;
};

export type HealthClient = {
  /** `SERVING` or `NOT_SERVING`. @throws ServiceError */
  check(service?: string): Promise<string>;
  /** The status of each service. */
  list(): Promise<Record<string, string>>;
  /** Every status that is reported, until the stream has ended. */
  watch(service?: string): { seen: string[]; ended: Promise<void> };
};

/** Closed when the test has finished. */
export function healthClient(address: string): HealthClient {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { Check, List, Watch } = definition;
  const ask = ({ path, requestSerialize, responseDeserialize }: Method, request: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  return {
    check: async (service = "") => check.parse(await ask(Check, { service })).status,
    list: async () => {
      const { statuses } = list.parse(await ask(List, {}));
      return Object.fromEntries(Object.entries(statuses).map(([name, { status }]) => [name, status]));
    },
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
