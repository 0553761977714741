import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePorts } from './free-ports.js';

export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** What a child process needs to reach it. */
  readonly env: S3Environment;
  /** A client of the SDK as it comes, for looking at what was stored; closed with the server. */
  readonly client: S3Client;
  createBucket(name: string): Promise<void>;
  /** Ends its processes and removes what it stored. */
  close(): Promise<void>;
}

export interface S3Environment {
  readonly AWS_ENDPOINT_URL_S3: string;
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_REGION: string;
}

/**
 * Starts a throw-away S3 server in memory, on loopback, in about a second: Ceph's object gateway.
 * Several may run at once. It ends with this process, however this one ends.
 * @throws Error with the names of the Debian packages, where they are missing.
 */
export async function startS3Server(): Promise<S3Server> {
  requirePrograms();
  const secretAccessKey = 'test-secret';
  const accessKeyId = 'test';
  const region = 'us-east-1';
  const { port, stop } = await launch(accessKeyId, secretAccessKey);
  const endpoint = `http://127.0.0.1:${port}`;
  // The SDK would warn of Node 20 in the middle of the tests' output.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    region,
    env: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
    },
    client,
    async createBucket(name) {
      await client.send(new CreateBucketCommand({ Bucket: name }));
    },
    async close() {
      client.destroy();
      await stop();
    },
  };
}

const SCRIPT = fileURLToPath(new URL('../../scripts/s3-server.sh', import.meta.url));

interface Launched {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Another process may take a free port before the daemons do: so it is tried three times. */
async function launch(accessKey: string, secretKey: string, triesLeft = 2): Promise<Launched> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-s3-'));
  const [port = 0, monitorPort = 0] = await freePorts(2);
  const args = [SCRIPT, folder, String(port), String(monitorPort), accessKey, secretKey];
  const server = spawn('bash', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
  };
  const complaint = await untilReady(server);
  if (complaint === undefined) return { port, stop };
  await stop();
  if (triesLeft > 0) return launch(accessKey, secretKey, triesLeft - 1);
  throw new Error(`the S3 server did not start: ${complaint}`);
}

/** @returns what it complained about if it ended, or undefined once it answers. */
function untilReady(server: ChildProcess): Promise<string | undefined> {
  let said = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => resolve(said === '' ? 'it ended' : said));
    server.stdout?.once('data', () => resolve(undefined));
  });
}

function requirePrograms(): void {
  const programs = { 'ceph-mon': 'ceph-mon', 'ceph-osd': 'ceph-osd', radosgw: 'radosgw' };
  const missing = Object.entries(programs).filter(([program]) => !onPath(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name).join(' ');
  throw new Error(
    `the S3 server of the tests is not installed: apt-get install --no-install-recommends ${packages}`,
  );
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
