/** A program like `assay serve`, of an instance that does not check what WAIT answers. */
import { loadConfig } from "../../../src/config/load.ts";
import { openLog } from "../../../src/telemetry/log.ts";
import { serveComposed } from "./composed-instance.ts";
import { uncheckedWait } from "./mutants.ts";

const { config } = await loadConfig({ env: process.env, cwd: process.cwd() });
const log = await openLog(config.log);
// Killed at its end, as every instance here is.
const address = await serveComposed(config, uncheckedWait, log, new AsyncDisposableStack());
log.info({ address }, "listening");
