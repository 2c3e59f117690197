/**
 * The reference: a bare grpc-js server of the same generated definition, which answers every call, and every message of a stream,
 * with one constant object. No interceptor, no telemetry, no caller authentication. Started by the bench as a process of its own:
 *   node bench/echo.ts '{"answers": {"introspect": {…}, "batchIntrospect": {…}, "introspectStream": {…}, "issue": {…}, "revoke": {…}}}'
 * Prints its port on one line.
 */
import { type Answers, serve } from "./references/echo-server.ts";

// Nothing is loaded that a bare server does not need: its memory and its start are measured too.
const { answers = {} }: { answers?: Answers } = JSON.parse(process.argv[2] ?? "{}");
serve(answers);
