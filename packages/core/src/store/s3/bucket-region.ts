import type { S3Connection } from './s3-connection.js';
import { storeError } from './store-error.js';

/**
 * The region that a bucket is in, as its store says; undefined where the store does not say.
 * AWS answers the first question with it; others know the second one alone.
 * @throws STORE_…, INPUT_NOT_FOUND where there is no such bucket
 */
export async function bucketRegion(
  connection: S3Connection,
  bucket: string,
): Promise<string | undefined> {
  try {
    return await connection.retrying(() =>
      connection.request(async (client, sdk, abortSignal) => {
        const question = { Bucket: bucket };
        const head = new sdk.HeadBucketCommand(question);
        const { BucketRegion } = await client.send(head, { abortSignal });
        if (BucketRegion !== undefined) return BucketRegion;
        const location = new sdk.GetBucketLocationCommand(question);
        const { LocationConstraint } = await client.send(location, { abortSignal });
        return LocationConstraint;
      }),
    );
  } catch (error) {
    throw storeError(error, `s3://${bucket}`, 'read');
  }
}
