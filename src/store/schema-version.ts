/** The version of what both stores hold. Raised when an older Assay could misread it. */
export const SCHEMA_VERSION = 3;
