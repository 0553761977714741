/** An answer of a cloud's metadata service. */
export interface MetadataAnswer {
  readonly status: number;
  readonly text: string;
  /** A header's value, or null. */
  readonly header: (name: string) => string | null;
}

export interface MetadataRequest {
  readonly url: string;
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @throws what `fetch` throws: no answer in time, no connection, aborted */
export async function metadataRequest(request: MetadataRequest): Promise<MetadataAnswer> {
  const { url, method = 'GET', headers = {}, timeoutMs, signal } = request;
  // Without `AbortSignal.any`, which leaks memory at a long-lived signal.
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal.reason);
  const tooLate = (): void => stop.abort(new Error(`no answer in ${timeoutMs / 1000} s`));
  const timer = setTimeout(tooLate, timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    // A metadata service does not redirect; a server that does is something else.
    const options = { method, headers, signal: stop.signal, redirect: 'error' } as const;
    const response = await fetch(url, options);
    const text = await response.text();
    return { status: response.status, text, header: (name) => response.headers.get(name) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** The fields of a JSON object; none for any other value. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map(isObject ? Object.entries(value) : []);
}

/** The value of a JSON text. @throws Error that quotes what is none */
export function jsonOf({ text }: MetadataAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected JSON, found ${JSON.stringify(text.slice(0, 100))}`);
  }
}

/** Milliseconds since 1970 of a time as metadata services write it, or null. */
export function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
