import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import { howEnded, runNode } from '../child-process.js';
import { type Dataset, FEATURES } from '../dataset.js';
import { WrongResultError } from '../errors.js';
import type { BenchModel } from '../models.js';
import { atLeast, type FleetResult } from '../results.js';
import { spreadOf } from '../spread.js';
import { SHARDMILL, workPath } from '../work-folder.js';
import { BUCKET, type FleetServers, startFleetServers } from './fleet-servers.js';

const WORKERS = 2;

/**
 * Scores the dataset by `shardmill submit --wait`, with a scheduler and two workers that are there
 * already, and by `shardmill run`; alternately. @throws WrongResultError
 */
export async function measureFleet(
  model: BenchModel,
  data: Dataset,
  repeat: number,
  progress: (text: string) => void,
): Promise<FleetResult> {
  const servers = await startFleetServers(await workPath('cache', 'fleet'));
  const processes: ChildProcess[] = [];
  try {
    const job = await writeFleetJob(model, data, servers);
    for (const args of [['scheduler'], ...Array.from({ length: WORKERS }, () => WORKER)]) {
      processes.push(spawnShardmill(args, servers.env));
    }
    const fleetMs: number[] = [];
    const runMs: number[] = [];
    for (let round = 0; round <= repeat; round++) {
      progress(`fleet: ${round === 0 ? 'warming up' : `${round} of ${repeat}`}`);
      const out = `s3://${BUCKET}/out-${round}`;
      const fleet = await timed(['submit', job, '--wait', '--output', `${out}-fleet`], servers);
      const run = await timed(['run', job, '--output', `${out}-run`], servers);
      for (const { rows } of [fleet, run]) {
        if (rows !== data.rows) throw new WrongResultError(`${rows} rows, not ${data.rows}`);
      }
      // The first workers' models and engines are loaded once, as in a fleet that is up.
      if (round > 0) {
        fleetMs.push(fleet.ms);
        runMs.push(run.ms);
      }
    }
    const [fleet, run] = [spreadOf(fleetMs), spreadOf(runMs)];
    const ratio = run.median / fleet.median;
    return {
      model: model.name,
      rows: data.rows,
      workers: WORKERS,
      fleetMs: fleet,
      runMs: run,
      ratio,
      goal: atLeast(0.9, ratio),
    };
  } finally {
    for (const child of processes) await end(child);
    await servers.close();
  }
}

/** One core each. */
const WORKER = ['worker', '--engines', '1', '--lanes', '1', '--memory-limit', '2GiB'];

const summary = z.object({ rows: z.object({ scored: z.number() }) });

async function timed(
  args: readonly string[],
  { env }: FleetServers,
): Promise<{ readonly ms: number; readonly rows: number }> {
  Object.assign(process.env, env);
  const ended = await runNode(SHARDMILL, [...args, '--json'], {
    cores: os.availableParallelism(),
  });
  if (ended.code !== 0) {
    throw new WrongResultError(`shardmill ${args.join(' ')} ended with ${howEnded(ended)}`);
  }
  return { ms: ended.wallMs, rows: summary.parse(JSON.parse(ended.stdout)).rows.scored };
}

async function writeFleetJob(
  model: BenchModel,
  data: Dataset,
  servers: FleetServers,
): Promise<string> {
  const file = await workPath('jobs', 'bench-fleet', 'job.json');
  const definition = {
    name: 'bench-fleet',
    input: { uri: await servers.upload(data.path, 'in/data.parquet') },
    model: { uri: await servers.upload(model.path, 'model.onnx') },
    features: { features: FEATURES },
    output: { uri: `s3://${BUCKET}/out`, columns: { id: 'id', score: 'score' } },
  };
  await writeFile(file, JSON.stringify(definition, null, 2));
  return file;
}

function spawnShardmill(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [SHARDMILL, ...args], { env, stdio: ['ignore', 'ignore', 2] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
