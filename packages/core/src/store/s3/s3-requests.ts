import { Readable } from 'node:stream';
import type {
  GetObjectCommandOutput,
  ListObjectsV2CommandOutput,
  PutObjectCommand,
  PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import type { ByteRange, ObjectInfo, WritePieces } from '../object-store.js';
import type { RawObjects } from './create-once.js';
import { copyBody, readBody } from './read-body.js';
import { RequestFailed } from './request-failed.js';
import type { S3Connection } from './s3-connection.js';
import type { UploadBody } from './upload-body.js';

/** Metadata of an object: which call created it. */
const WRITER = 'shardmill-writer';

export interface RangeContent {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/**
 * One request of S3 per method, tried once; keys are those of the bucket. ETags are without their
 * quotes. Every method throws RequestFailed where the store did not fulfil it.
 */
export class S3Requests implements RawObjects<UploadBody> {
  constructor(
    readonly connection: S3Connection,
    readonly bucket: string,
  ) {}

  putIfAbsent(key: string, body: UploadBody, writer: string): Promise<void> {
    return this.#put(key, body, { IfNoneMatch: '*', Metadata: { [WRITER]: writer } });
  }

  put(key: string, body: UploadBody): Promise<void> {
    return this.#put(key, body, {});
  }

  async head(key: string): Promise<(ObjectInfo & { readonly writer?: string }) | undefined> {
    try {
      return await this.connection.request(async (client, sdk, abortSignal) => {
        const command = new sdk.HeadObjectCommand({ Bucket: this.bucket, Key: key });
        const { ContentLength, ETag, LastModified, Metadata } = await client.send(command, {
          abortSignal,
        });
        const writer = Metadata?.[WRITER];
        const info = {
          key,
          bytes: ContentLength ?? 0,
          etag: unquoted(ETag),
          modifiedMs: LastModified?.getTime(),
        };
        return writer === undefined ? info : { ...info, writer };
      });
    } catch (error) {
      if (error instanceof RequestFailed && error.class === 'missing') return undefined;
      throw error;
    }
  }

  /** The whole object, or a range of it: fewer bytes only where the object ends before. */
  get(key: string, range?: ByteRange, etag?: string): Promise<RangeContent> {
    return this.#get(key, range, etag, async ({ Body, ContentLength, ContentRange, ETag }) => {
      const bytes = await readBody(Body, ContentLength, range && { range, ContentRange });
      this.connection.traffic.bytesRead += bytes.byteLength;
      return { bytes, etag: unquoted(ETag) };
    });
  }

  /**
   * Hands a range to `write`: nothing of it where the object turns out to be another one.
   * @returns the ETag of the object.
   */
  copy(
    key: string,
    range: ByteRange,
    etag: string | undefined,
    write: WritePieces,
  ): Promise<string> {
    return this.#get(key, range, etag, async ({ Body, ContentLength, ContentRange, ETag }) => {
      const found = unquoted(ETag);
      if (etag !== undefined && found !== etag) {
        if (Body instanceof Readable) Body.destroy();
        return found;
      }
      const bytes = await copyBody(Body, ContentLength, { range, ContentRange }, write);
      this.connection.traffic.bytesRead += bytes;
      return found;
    });
  }

  #get<T>(
    key: string,
    range: ByteRange | undefined,
    etag: string | undefined,
    use: (answer: GetObjectCommandOutput) => Promise<T>,
  ): Promise<T> {
    return this.connection.request(async (client, sdk, abortSignal) => {
      const command = new sdk.GetObjectCommand({
        Bucket: this.bucket,
        Key: key,
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
        ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      });
      return use(await client.send(command, { abortSignal }));
    });
  }

  /** Up to 1,000 objects after `token`, in order of the bytes of their keys. */
  listPage(prefix: string, token: string | undefined): Promise<ListObjectsV2CommandOutput> {
    return this.connection.request((client, sdk, abortSignal) => {
      const command = new sdk.ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      return client.send(command, { abortSignal });
    });
  }

  async delete(key: string): Promise<void> {
    await this.connection.request((client, sdk, abortSignal) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal }),
    );
  }

  async #put(
    key: string,
    body: UploadBody,
    how: Pick<PutObjectCommandInput, 'IfNoneMatch' | 'Metadata'>,
  ): Promise<void> {
    const { encryption, kmsKeyId } = this.connection.settings;
    await this.connection.request(async (client, sdk, closing) => {
      const content = body.open();
      const ending = new AbortController();
      const end = (): void => ending.abort();
      closing.addEventListener('abort', end, { once: true });
      let failure: Error | undefined;
      if (content instanceof Readable) {
        content.once('error', (error) => {
          failure = error;
          end();
        });
      }
      const command = new sdk.PutObjectCommand({
        ...how,
        Bucket: this.bucket,
        Key: key,
        Body: content,
        ContentLength: body.bytes,
        ChecksumSHA256: body.sha256.toString('base64'),
        ...(encryption === undefined ? {} : { ServerSideEncryption: encryption }),
        ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
      });
      signBody(command, body);
      try {
        await client.send(command, { abortSignal: ending.signal });
      } catch (error) {
        throw failure ?? error;
      } finally {
        closing.removeEventListener('abort', end);
        if (content instanceof Readable && !content.readableEnded) {
          // Answered before all was sent: the connection would wait for the rest.
          end();
          content.destroy();
        }
      }
      this.connection.traffic.bytesWritten += body.bytes;
    });
  }
}

/**
 * Signs the digest of the content: every store that checks signatures then refuses a body that
 * did not arrive as it was sent. For a stream, the SDK would sign that it is unsigned.
 */
function signBody(command: PutObjectCommand, body: UploadBody): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (typeof request === 'object' && request !== null && 'headers' in request) {
        Object.assign(request.headers ?? {}, {
          'x-amz-content-sha256': body.sha256.toString('hex'),
        });
      }
      return next(args);
    },
    { step: 'build', name: 'signBody' },
  );
}

function unquoted(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
