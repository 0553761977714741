import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { manifestKey, type ShardmillError, Stores } from '@shardmill/core';
import type { LocalRunOptions } from '@shardmill/client/local-run';
import { runCommandLine } from '../main.js';
import type { Terminal } from '../terminal.js';
import { loadSettings } from '@shardmill/client/load-settings';
import { createServices, type Services } from '@shardmill/client/services';
import { captureTerminal, progressOf, sampleManifest, samplePlan } from './samples.js';

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the job `churn`, and the command line with stand-ins for run, plan and engine. */
export class CommandLineHarness {
  /** What `run` was called with. */
  readonly calls: LocalRunOptions[] = [];

  private constructor(readonly root: string) {}

  static async open(): Promise<CommandLineHarness> {
    const root = await mkdtemp(path.join(tmpdir(), 'shardmill-cli-'));
    await mkdir(path.join(root, 'jobs/churn'), { recursive: true });
    const job = {
      name: 'churn',
      params: { country: { default: 'AE' } },
      input: { uri: 'in/{{ country }}' },
      model: { uri: 'model.onnx' },
      output: { uri: 'out', columns: { churn: 'probabilities[2]' } },
    };
    await writeFile(path.join(root, 'jobs/churn/job.json'), JSON.stringify(job));
    return new CommandLineHarness(root);
  }

  async close(): Promise<void> {
    await rm(this.root, { recursive: true });
  }

  /** @param failure thrown by `run` and `plan`. */
  async shardmill(
    args: string,
    failure?: ShardmillError,
    env: Terminal['env'] = {},
  ): Promise<Answer> {
    const terminal = { ...captureTerminal(this.root), env };
    const exitCode = await runCommandLine(
      args.split(' ').filter(Boolean),
      terminal,
      async (sources) => ({
        ...createServices(await loadSettings(sources)),
        ...fakeServices(this.root, this.calls, failure),
      }),
    );
    return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
  }
}

/** Text as it was before it was wrapped. */
export const unwrapped = (text: string): string => text.replaceAll(/\n +/g, ' ');

/** Stands in for the engine: its behaviour is tested in its own package. */
function fakeServices(
  root: string,
  calls: LocalRunOptions[],
  failure: ShardmillError | undefined,
): Pick<
  Services,
  'localRun' | 'stores' | 'warmUp' | 'planJob' | 'checkOutput' | 'estimateHere' | 'withEngine'
> {
  return {
    async localRun(options, events) {
      calls.push(options);
      if (failure) throw failure;
      events.planned(samplePlan, false);
      events.progress(progressOf({ rowsDone: 7_043_000, elapsedMs: 500 }));
      events.notice('shard 0 was tried again');
      const output = path.join(root, 'out');
      return {
        runId: samplePlan.runId,
        output,
        manifest: sampleManifest,
        manifestPath: path.join(output, manifestKey(samplePlan.runId)),
        elapsedMs: 500,
        resumed: false,
        alreadyFinished: false,
      };
    },
    stores: new Stores(),
    warmUp() {},
    async planJob() {
      if (failure) throw failure;
      return { plan: samplePlan, scorer: { scoredBy: ['treeKernel'] } };
    },
    checkOutput: async () => ({ state: 'free' }),
    estimateHere: async () => null,
    withEngine: (use) =>
      use({
        inspectModel: async (file) => ({
          ...samplePlan.scoring.model,
          uri: file,
          opsets: { '': 15 },
          irVersion: 8,
          producer: 'skl2onnx',
          metadata: {},
          operators: ['LinearClassifier'],
          zipMaps: {},
        }),
        writeProfileParquet: async ({ target, rows }) => writeFile(target, rows.join('\n')),
        readCheckpoint: async () => [],
        sampleRejected: async () => ({
          columns: ['tenure', '_row'],
          rows: [{ reason: 'total_charges is null', values: ['0', null] }],
        }),
        inspectParquet: async (file) => ({
          path: file,
          files: 1,
          rows: 7043,
          bytes: 205_954,
          rowGroups: 4,
          compression: ['SNAPPY'],
          columns: [
            { name: 'customer_id', type: 'VARCHAR', bytes: 900, nulls: 0, min: 'a', max: 'z' },
            { name: 'tenure', type: 'INTEGER', bytes: 100, nulls: 0, min: '0', max: '72' },
            {
              name: 'Total Charges',
              type: 'DOUBLE',
              bytes: 100,
              nulls: null,
              min: null,
              max: null,
            },
          ],
          metadata: {},
          partitionColumns: ['ds'],
          sample: [['7590-VHVEG', '1', 'NULL']],
          sampleFailure: null,
        }),
      }),
  };
}
