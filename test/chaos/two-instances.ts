import { instanceConfig, newMasterKey, type StoreConfig } from "./instance-config.ts";
import { type Instance, type InstanceOptions, startInstance } from "./instance.ts";
import { workingDirectory } from "./working-directory.ts";

type How = Partial<Pick<InstanceOptions, "environment" | "nodeArguments" | "program">>;

export type TwoInstances = readonly [one: Instance, two: Instance];

/** Two on one store, `one` and `two`, with one master key. @param how each is started */
export async function twoInstances(
  store: StoreConfig,
  opened: AsyncDisposableStack,
  how: readonly [How, How] = [{}, {}],
): Promise<TwoInstances> {
  const directory = await workingDirectory(opened);
  const common = { directory, masterKey: newMasterKey(), config: instanceConfig(store) };
  // One after the other: the first makes the store.
  const one = await startInstance({ ...common, name: "one", ...how[0] }, opened);
  return [one, await startInstance({ ...common, name: "two", ...how[1] }, opened)];
}
