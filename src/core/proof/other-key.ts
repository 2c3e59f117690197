/** `other`: possession of another key than the token's is proved. `said_other`: the caller says that another was shown, and proves nothing. */
export type OtherKey = "other" | "said_other";
