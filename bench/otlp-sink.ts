/** An OTLP receiver over gRPC that takes what it is sent and drops it, undecoded. Prints its port on one line. */
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";

const SIGNALS = ["trace.v1.Trace", "metrics.v1.Metrics", "logs.v1.Logs"];
/** Every answer of the collector is the empty message: all was taken. */
const TAKEN = Buffer.alloc(0);
const GREATEST_MESSAGE = 64 * 1_024 * 1_024;

const take: handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback(null, TAKEN);

const server = new Server({ "grpc.enable_channelz": 0, "grpc.max_receive_message_length": GREATEST_MESSAGE });
for (const signal of SIGNALS) server.addService(exporting(signal), { export: take });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(port);
});

function exporting(signal: string): ServiceDefinition {
  return {
    export: {
      path: `/opentelemetry.proto.collector.${signal}Service/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  };
}

function pass(bytes: Buffer): Buffer {
  return bytes;
}
