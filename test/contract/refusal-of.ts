import { StartError } from "../../src/core/start-error.ts";

/** The message of the StartError with which the opening fails. */
export async function refusalOf(opening: Promise<unknown>): Promise<string> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof StartError) {
      return error.message;
    }
    throw error;
  }
  throw new Error("the start was not refused");
}
