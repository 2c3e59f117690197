import type { Check } from "../draft.ts";

/** What every instance needs to learn of a new key, in milliseconds. */
const LEAST_PUBLISHED_MS = 1_000;

/** There is one master key, and a key is known before it is used, and used before it is replaced. */
export const checkKeys: Check = ({ keys }, report) => {
  const { master_key, master_key_file, publish_before, rotate_every } = keys;
  if (master_key !== undefined && master_key_file !== undefined) {
    report(["keys", "master_key_file"], "goes not with keys.master_key (ASSAY_KEYS_MASTER_KEY): keep one of them");
  }
  if (publish_before !== undefined && publish_before < LEAST_PUBLISHED_MS) {
    report(["keys", "publish_before"], "must be 1s or more: other instances need that long to learn of a key");
  }
  if (publish_before === undefined || rotate_every === undefined || rotate_every === 0) return;
  if (rotate_every <= publish_before) {
    report(["keys", "rotate_every"], "must be longer than keys.publish_before, or 0s for never");
  }
};
