/** Footers of more bytes are refused unless a job allows them: parsing takes several times as much. */
export const MAX_FOOTER_BYTES = 64 * 2 ** 20;

/** No setting allows more. */
export const MAX_ALLOWED_FOOTER_BYTES = 2 ** 30;
