import type { WatchRevocationsResponse } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { drained, keepWatching, note } from "./keep-watching.ts";
import { printable, printJsonLine, printLine } from "./output.ts";
import { jsonOf, sentenceOf } from "./told-revocation.ts";
import { openWatch } from "./watch-stream.ts";

export type RevocationWatchOptions = ConnectionOptions & { after?: string };

/** Goes on after the last revision, until it is interrupted. */
export async function watchRevocations(options: RevocationWatchOptions): Promise<void> {
  const print = options.json === true ? printJson : printPlain;
  let after = options.after ?? "";
  let isUpToDate = false;
  const place = (): string => (after === "" ? "from the beginning" : `after ${after}`);
  await keepWatching({
    place,
    begin(stop) {
      isUpToDate = false;
      return openWatch(
        options,
        (client, metadata) => client.watchRevocations({ after, digests_only: false }, metadata),
        stop,
      );
    },
    async take(step) {
      if (step.from_beginning) isUpToDate = false;
      print(step);
      await drained();
      after = step.revision ?? (step.from_beginning ? "" : after);
      if (!isUpToDate && step.proved_at_ms !== undefined) note(`up to date: watching ${place()}`);
      isUpToDate ||= step.proved_at_ms !== undefined;
    },
  });
}

function printPlain({ revocations }: WatchRevocationsResponse): void {
  for (const revocation of revocations) printLine(printable(sentenceOf(revocation)));
}

/** The last of a step says up to where all has been told. */
function printJson({ revocations, revision }: WatchRevocationsResponse): void {
  const last = revocations.at(-1);
  for (const revocation of revocations)
    printJsonLine({ ...jsonOf(revocation), ...(revocation === last ? { revision } : {}) });
}
