/** How object storage is reached; credentials come from the AWS SDK's standard chain. */
export interface StorageOptions {
  readonly s3?: S3Options | undefined;
}

export interface S3Options {
  /** The URL of a store other than AWS; `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` where left out. */
  readonly endpoint?: string | undefined;
  /** Where left out: `AWS_REGION`, else `us-east-1` with an endpoint of one's own, else the profile's. */
  readonly region?: string | undefined;
  /** Bucket in the path, not in the host name. Default: true with an endpoint of one's own. */
  readonly pathStyle?: boolean | undefined;
  /** Encryption of what is written; the bucket's own setting where left out. */
  readonly encryption?: 'AES256' | 'aws:kms' | undefined;
  readonly kmsKeyId?: string | undefined;
  /** `unchecked` goes on with a store that ignores conditions: rows may then be lost or doubled. */
  readonly conditionalWrites?: 'required' | 'unchecked' | undefined;
  /** How long a request waits without progress: for the connection, or for bytes. Default 30 s. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long after its first try a request is tried again. Default 120 s. */
  readonly retryForMs?: number | undefined;
}
