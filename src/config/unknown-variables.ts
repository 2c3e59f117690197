import { environmentVariables } from "./environment-variables.ts";
import { nearestName } from "./nearest-name.ts";

/** Read by the command line or by the loader, and no key of the configuration. */
const COMMAND_LINE = /^ASSAY_(CONFIG|ADDRESS|SECRET|TLS(_\w+)?)$/;
const PREFIX = "ASSAY_";
/** What Kubernetes injects for each service whose name begins with "assay". */
const KUBERNETES_SERVICE = /_SERVICE_(HOST|PORT(_\w+)?)$/;
const KUBERNETES_PORT = /_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/;

/** A warning for each `ASSAY_…` variable that sets nothing. Names the variable only: its value may be a secret. */
export function unknownVariableWarnings(env: NodeJS.ProcessEnv): string[] {
  const known = new Set(environmentVariables().map(({ name }) => name));
  // What all of them begin with makes none of them more alike.
  const endings = [...known].map((name) => name.slice(PREFIX.length));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name) && !COMMAND_LINE.test(name))
    .filter((name) => !injectedByKubernetes(name, env[name] ?? ""))
    .toSorted()
    .map((name) => warning(name, nearestName(name.slice(PREFIX.length), endings)));
}

function injectedByKubernetes(name: string, value: string): boolean {
  if (KUBERNETES_SERVICE.test(name)) return true;
  if (!KUBERNETES_PORT.test(name)) return false;
  return name.endsWith("_PORT") && !/_\d+_\w+_PORT$/.test(name) ? /^\w+:\/\//.test(value) : true;
}

function warning(name: string, nearest: string | undefined): string {
  const mend = nearest === undefined ? "unset it, or see: assay config schema" : `did you mean ${PREFIX}${nearest}?`;
  return `The environment variable ${name} sets nothing: ${mend}`;
}
