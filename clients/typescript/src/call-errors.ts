/** How the client itself ends a call. */
import { AssayClientError } from "./client-error.ts";

export function tooLate(): AssayClientError {
  return new AssayClientError({ code: "DEADLINE_EXCEEDED", message: "there was no answer within the call's deadline" });
}

export function givenUp(): AssayClientError {
  return new AssayClientError({ code: "CANCELLED", message: "the call was given up by its signal" });
}

export function clientClosed(): AssayClientError {
  return new AssayClientError({ code: "CANCELLED", message: "the client is closed" });
}

export function tooMany(greatest: number): AssayClientError {
  const message = `${greatest} introspections are waiting for an answer already, as many as maxPending allows`;
  return new AssayClientError({ code: "RESOURCE_EXHAUSTED", message });
}
