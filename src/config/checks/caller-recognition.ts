import { formatPath } from "../config-error.ts";
import type { Check, Draft } from "../draft.ts";

type Report = Parameters<Check>[1];

/** By what each caller is recognised, and that what this needs is there. */
export const checkRecognition: Check = (draft, report) => {
  for (const [index, caller] of draft.callers.entries()) {
    if (isRecognised(caller)) continue;
    report(
      ["callers", index, "secret_sha256"],
      "nothing recognises this caller: give certificate_san, jwt, unix_socket or secret_sha256 (made by: assay config secret)",
    );
  }
  checkCertificates(draft, report);
  checkTokens(draft, report);
  checkSocket(draft, report);
};

/** A list or a flag that is invalid by itself is reported as such, and counts here. */
function isRecognised({
  certificate_san: names,
  secret_sha256: secrets,
  ...caller
}: Draft["callers"][number]): boolean {
  return names?.length !== 0 || secrets?.length !== 0 || caller.jwt !== undefined || caller.unix_socket !== false;
}

function checkCertificates({ callers, listen }: Draft, report: Report): void {
  const first = callers.findIndex((caller) => (caller.certificate_san ?? []).length > 0);
  if (first === -1 || listen.tls?.client_ca !== undefined) return;
  report(
    ["listen", "tls", "client_ca"],
    `is needed by ${formatPath(["callers", first, "certificate_san"])}: name the PEM file of the authorities`,
  );
}

function checkTokens({ callers, issuers, listen }: Draft, report: Report): void {
  for (const [index, { jwt }] of callers.entries()) {
    if (jwt === undefined) continue;
    const issuer = issuers.find((one) => one.issuer === jwt.issuer);
    if (issuer === undefined) {
      report(["callers", index, "jwt", "issuer"], "is none of the issuers: add it there, or correct the spelling");
    } else if (issuer.use !== undefined && !issuer.use.includes("callers")) {
      report(
        ["callers", index, "jwt", "issuer"],
        "its tokens recognise nobody: write use: [callers] at this issuer, or use: [tokens, callers]",
      );
    }
  }
  const first = callers.findIndex(({ jwt }) => jwt !== undefined);
  if (first === -1 || listen.caller_audience !== undefined) return;
  report(
    ["listen", "caller_audience"],
    `is needed by ${formatPath(["callers", first, "jwt"])}: a token for another service must not open this one. Name what callers' tokens say in aud`,
  );
}

function checkSocket({ callers, listen }: Draft, report: Report): void {
  const bySocket = callers.flatMap((caller, index) => (caller.unix_socket === true ? [index] : []));
  const [first, ...others] = bySocket;
  if (first === undefined) return;
  const { address } = listen;
  if (address !== undefined && !address.startsWith("unix:")) {
    report(
      ["callers", first, "unix_socket"],
      "needs listen.address unix:/absolute/path.sock: listen there, or remove it",
    );
  }
  for (const index of others) {
    report(
      ["callers", index, "unix_socket"],
      `whoever opens the socket is ${formatPath(["callers", first])} already: recognise one of them by something else`,
    );
  }
}
