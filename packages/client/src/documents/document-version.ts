/**
 * The version of the documents that `--json` prints. Keys are added within a version; one that is
 * renamed, removed or of another type raises it.
 */
export const DOCUMENT_VERSION = 1;
