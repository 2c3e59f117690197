/** Resolves to whether a token is active. */
type Ask = (token: string) => Promise<boolean>;

/** One way of asking a server, over a connection of its own. */
export type Asking = { ask: Ask; close: () => void };
