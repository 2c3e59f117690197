import type { SignalKind } from "./signal.ts";

/** A kind of signal in plain words: for whoever is on duty, and did not write this. */
export type Explanation = {
  /** What has happened, as a headline without a full stop. */
  title: string;
  /** What was observed, and what is likely behind it. */
  meaning: string;
  /** What to do now. */
  next: string;
};

export const EXPLANATIONS: Readonly<Record<SignalKind, Explanation>> = {
  refresh_token_reuse: {
    title: "A refresh token was used twice",
    meaning:
      "Two parties hold the same refresh token: the client, and most likely a thief. Its whole family was revoked at once, so that neither can go on with it.",
    next: "Have the user of this client sign in again. Find the family's refreshes in the audit trail by its fingerprint, and look at what was done with their access tokens. Where it happens to many honest clients, their answers get lost: raise the client's refresh_grace.",
  },
  refresh_token_forged: {
    title: "A forged refresh token was presented",
    meaning:
      "Somebody made a refresh token for a family that exists, with a signature that is not ours. It was refused, nothing was changed, and the family lives.",
    next: "Ask the caller whence the request came, and block that origin. How a stranger came to know the family's identifier is worth finding out.",
  },
  refresh_retry_context_changed: {
    title: "A refresh was repeated from elsewhere",
    meaning:
      "A refresh was sent again within its grace, but from another network or user agent. A phone that changes networks does that; so does a thief who is quick.",
    next: "Nothing, while it stays alone. If the same family shows more, take its refresh token as stolen: revoke the family by its sid.",
  },
  store_rollback: {
    title: "The store has gone back in time",
    meaning:
      "A refresh token is newer than anything the store knows: an older copy of the store is in use, and what was written since is missing. The family was revoked.",
    next: "Find out which backup or replica was put in place, and run `assay doctor`. Until that is clear, take it that other writes are missing too.",
  },
  revoked_token_used: {
    title: "A revoked token is still being used",
    meaning:
      "A token that was revoked was presented again, and refused. Either a client has not noticed its log-out, or whoever the token was taken from is not the one who uses it.",
    next: "It opens nothing any more. Where the client comes up with many subjects, it does not understand log-outs: mend it. Otherwise look by the subject's fingerprint for other tokens that were taken with it.",
  },
  expired_token_used: {
    title: "An expired token is tried again and again",
    meaning:
      "A token was presented many times after its end, and refused each time. Usually a client never refreshes; sometimes an old token was found in a log or a repository.",
    next: "Name the client to its owners. If it is none of their clients, look for where such tokens are written down.",
  },
  token_context_changed: {
    title: "A token came from another place than it was issued to",
    meaning:
      "A live token was presented from another network, or by another user agent, than when it was issued. One of the two alone happens every day: phones change networks. Both at once may be a copy.",
    next: "Look whether it goes on being used from both places. If it does, revoke the family by its sid, and bind tokens of this client to a key (DPoP), so that a copy is worth nothing.",
  },
  token_in_many_networks: {
    title: "One token is used from many networks",
    meaning:
      "A live token came from more networks than one holder uses. It was shared, or published: in a repository, a chat, a bundle of an app.",
    next: "Revoke it by its jti, or its family by its sid, and look for where it was published. If it is a client's own, used by a fleet, let each machine have a token of its own.",
  },
  token_velocity: {
    title: "A token is used far more than usual",
    meaning:
      "A live token is presented many times as often as it was before. A job may run wild; a thief may be copying what the token opens.",
    next: "See which service is asked, and for what. If the owners of the client, or its user, know nothing of it, revoke the family by its sid.",
  },
  audience_probing: {
    title: "One token was tried at many services",
    meaning:
      "The same token was shown to many audiences, most of which it is not meant for. Whoever holds it is finding out what it opens.",
    next: "Revoke it by its jti or its family by its sid, and look into what the services that accepted it have answered.",
  },
  bad_token_burst: {
    title: "Many malformed or forged tokens",
    meaning:
      "One caller, or one network, has presented many tokens that nobody issued. All were refused. It is a scanner, or a client that was set up wrongly.",
    next: "Look at what the caller forwards: block the network at the edge, or mend the client. A deploy an hour ago is the likeliest cause.",
  },
  unknown_key_burst: {
    title: "Many tokens name keys that nobody publishes",
    meaning:
      "Tokens came that were signed by keys unknown to us and to their issuers. An issuer may use a key before it publishes it; otherwise they are forged.",
    next: "See under Keys whether the issuer's keys could be fetched lately. One that has just changed its keys is known again within a minute; otherwise the tokens are forged: block where they come from.",
  },
  proof_replayed: {
    title: "A proof of possession was replayed",
    meaning:
      "A DPoP proof that was used already came again with another request: that request was recorded, by somebody who does not hold the key, or its caller repeats calls without an x-request-id. It was refused.",
    next: "Where it came from elsewhere, take the token as copied: revoke its family by its sid, and look for where requests are recorded: a proxy, a log, a browser extension. Otherwise look at the caller first.",
  },
  proof_of_another_key: {
    title: "A bound token came with another key",
    meaning:
      "A token that is bound to one key was presented with a good proof of another. It was stolen, or its client has lost its key; the binding has stopped it.",
    next: "Revoke its family by its sid. What stole the token may have taken others: look at the client that it was issued to.",
  },
};
