import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { howEnded, runProgram } from './child-process.js';
import { WrongResultError } from './errors.js';
import { workPath } from './work-folder.js';

const SCRIPT = fileURLToPath(new URL('../peers/pyarrow_loop.py', import.meta.url));
const PLAIN_SCRIPT = fileURLToPath(new URL('../peers/plain_loop.py', import.meta.url));

/** A Python that has what the script needs, or why there is none. */
export type PythonFound =
  | { readonly program: string; readonly versions: string }
  | { readonly program?: undefined; readonly why: string };

/** Looks whether a Python can import pyarrow and onnxruntime. */
export function findPython(program: string): PythonFound {
  const code =
    'import pyarrow, onnxruntime; print("pyarrow", pyarrow.__version__ + ", onnxruntime", onnxruntime.__version__)';
  const { status, stdout, stderr, error } = spawnSync(program, ['-c', code], { encoding: 'utf8' });
  if (status === 0) return { program, versions: stdout.trim() };
  const last = (error?.message ?? stderr).trim().split('\n').at(-1) ?? '';
  return { why: `${program}: ${last}` };
}

/** One run of the script. */
export interface PyarrowRun {
  /** The whole process, from before its start to its end. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Of the rest of the machine meanwhile. */
  readonly othersMs: number;
  /** Its results. */
  readonly files: string;
}

export interface PyarrowRequest {
  /** A path, or `s3://BUCKET/KEY`. */
  readonly data: string;
  readonly model: string;
  readonly features: readonly string[];
  /** Input columns to hand on, before the score. */
  readonly columns: readonly string[];
  readonly processes: number;
  /** Of ONNX Runtime and of pyarrow, in each process. */
  readonly threads: number;
}

/**
 * Runs the script into an empty folder.
 * @param prefix `s3://BUCKET/PREFIX` in place of the folder.
 * @throws WrongResultError
 */
export async function runPyarrow(
  program: string,
  request: PyarrowRequest,
  cores: number,
  prefix?: string,
): Promise<PyarrowRun> {
  return runScript(program, SCRIPT, request, cores, prefix ?? (await emptyFolder()));
}

/** What `plain_loop.py` is asked: inputs of a model that are texts or lists. */
export interface PlainLoopRequest
  extends Pick<PyarrowRequest, 'data' | 'model' | 'columns' | 'threads'> {
  readonly inputs: readonly {
    readonly name: string;
    readonly column: string;
    readonly type: string;
    /** Elements of a list; 1 for a value. */
    readonly width: number;
  }[];
  /** The model's output, and the element of it that is the score; null for all of them. */
  readonly output: string;
  readonly element: number | null;
}

/** Runs `plain_loop.py` into an empty folder. @throws WrongResultError */
export async function runPlainLoop(
  program: string,
  request: PlainLoopRequest,
  cores: number,
): Promise<PyarrowRun> {
  return runScript(program, PLAIN_SCRIPT, request, cores, await emptyFolder());
}

async function runScript(
  program: string,
  script: string,
  request: PyarrowRequest | PlainLoopRequest,
  cores: number,
  results: string,
): Promise<PyarrowRun> {
  const args = [script, JSON.stringify({ ...request, results })];
  const ended = await runProgram(program, args, { cores });
  if (ended.code !== 0) {
    throw new WrongResultError(`${path.basename(script)} ended with ${howEnded(ended)}`);
  }
  const { wallMs, cpuMs, othersMs } = ended;
  return { wallMs, cpuMs, othersMs, files: `${results}/*.parquet` };
}

async function emptyFolder(): Promise<string> {
  const folder = await workPath('out', 'pyarrow');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return folder;
}
