/** The one suite that every store passes. */
import { describe } from "vitest";
import { crashContract } from "./crash-contract.ts";
import { familyContract } from "./family-contract.ts";
import { followContract } from "./follow-contract.ts";
import { healContract } from "./heal-contract.ts";
import { keyringContract } from "./keyring-contract.ts";
import { opaqueTokenContract } from "./opaque-token-contract.ts";
import { networkContract } from "./network-contract.ts";
import { openingContract } from "./opening-contract.ts";
import { purgeContract } from "./purge-contract.ts";
import { replayContract } from "./replay-contract.ts";
import { revocationContract } from "./revocation-contract.ts";
import { rotationContract } from "./rotation-contract.ts";
import type { FreshStore } from "./store-under-test.ts";

/** @param fresh a new, empty store for each test */
export function storeContract(fresh: FreshStore): void {
  describe("opening", () => {
    openingContract(fresh);
  });
  describe("revocations", () => {
    revocationContract(fresh);
  });
  describe("following", () => {
    followContract(fresh);
  });
  describe("a store that went back", () => {
    healContract(fresh);
  });
  describe("keeping and purging", () => {
    purgeContract(fresh);
  });
  describe("families", () => {
    familyContract(fresh);
  });
  describe("the rotation table", () => {
    rotationContract(fresh);
  });
  describe("opaque tokens", () => {
    opaqueTokenContract(fresh);
  });
  describe("the keyring", () => {
    keyringContract(fresh);
  });
  describe("uses of proofs", () => {
    replayContract(fresh);
  });
  describe("networks of tokens", () => {
    networkContract(fresh);
  });
  describe("a crash between two steps", () => {
    crashContract(fresh);
  });
}
