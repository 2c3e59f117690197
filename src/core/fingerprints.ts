/** By which a token, its family and its subject can be followed through signals without being known. 16 hex digits each. */
export type Fingerprints = { tokenFingerprint?: string; familyFingerprint?: string; subjectFingerprint?: string };
