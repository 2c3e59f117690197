import { describe } from "vitest";
import { freshSqliteStore } from "./sqlite-under-test.ts";
import { storeContract } from "./store-contract.ts";

describe("the SQLite store", () => {
  storeContract(freshSqliteStore);
});
