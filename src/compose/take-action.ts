import type { Logger } from "pino";
import { AssayError } from "../core/error.ts";
import type { Act, TakeAction } from "../core/signals/actions.ts";

const TRIES = 6;
const FIRST_WAIT_MS = 250;
/** At once. Beyond, what is to be revoked is said in the log alone. */
const MOST = 256;

/** Does what detectors call for, beside the calls: again where the store does not answer. What could not be done is said in the log. */
export function takingActions(revoke: (act: Act) => Promise<void>, log: Logger): TakeAction {
  let underWay = 0;

  async function take(act: Act): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await revoke(act);
      } catch (error) {
        if (tries === TRIES || !isPassing(error)) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, FIRST_WAIT_MS * 2 ** tries).unref();
        });
      }
    }
  }

  return (act) => {
    const { cause, action, caller } = act;
    const about = { cause, action, caller: caller.name };
    if (underWay === MOST) return log.error(about, "too many actions at once: a token that is misused lives on");
    underWay += 1;
    take(act)
      .catch((error: unknown) =>
        log.error({ ...about, err: error }, "an action failed: a token that is misused lives on"),
      )
      .finally(() => {
        underWay -= 1;
      });
  };
}

function isPassing(error: unknown): boolean {
  return error instanceof AssayError && error.code === "store_unavailable";
}
