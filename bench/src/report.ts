import type { InferenceSetup } from './baseline-onnxruntime.js';
import type { Environment } from './environment.js';
import { encoderReport } from './encoder/encoder-report.js';
import { imagesReport } from './images/images-report.js';
import { fleetReport } from './fleet/fleet-report.js';
import { shapesReport } from './shapes/shapes-report.js';
import { schedulesReport } from './schedules/measure-schedules.js';
import type {
  BenchResult,
  CliffResult,
  Comparison,
  Goal,
  MemoryGrowth,
  MemoryResult,
  ModelResult,
  PlannerResult,
} from './results.js';
import type { Spread } from './spread.js';
import { partitionsReport } from './partitions/partitions-report.js';
import { profileReport } from './profile/profile-report.js';
import { textsReport } from './texts/texts-report.js';
import { wideReport } from './wide/wide-report.js';
import { storageReport } from './storage/storage-report.js';
import { formatTable } from './text-table.js';

/** What people read: everything that was measured, and with what. */
export function reportText(result: BenchResult): string {
  const sections = [
    header(result),
    throughput(result),
    memory(result.memory, result.memoryGrowth),
    wideReport(result.wide),
    ...(result.planner === undefined ? [] : [planner(result.planner)]),
    cliffs(result.cliffs),
    encoderReport(result.encoder),
    shapesReport(result.shapes),
    textsReport(result.texts),
    imagesReport(result.images),
    storageReport(result.storage),
    profileReport(result.profile),
    partitionsReport(result.partitions, result.commit),
    ...fleetReport(result),
    schedulesReport(result.schedules),
    result.failures.map((failure) => `WRONG: ${failure}`),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function header({ environment, data }: BenchResult): string[] {
  const { options } = environment;
  const lines = [
    `Shardmill benchmark, ${environment.date}, commit ${environment.commit}`,
    machine(environment),
    Object.entries(environment.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
  if (data !== undefined) {
    lines.push(
      `${count(data.rows)} rows, ${options.compression}, ${megabytes(data.bytes)}: ${data.description}`,
    );
  }
  lines.push(`median of ${options.repeat}, with (lowest to highest)`);
  return lines;
}

function machine({ cpu, cores, threads, memoryBytes, system, loadBefore }: Environment): string {
  const used = threads === cores ? `${cores} cores` : `${threads} of ${cores} cores`;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return `${cpu}, ${used}, ${memory}, ${system}, load before ${loadBefore.toFixed(2)}`;
}

function throughput({ models }: BenchResult): string[] {
  if (models.length === 0) return [];
  return [
    'Rows per second, end to end: the whole `shardmill run` process, files in and files out',
    ...formatTable(
      ['model', 'baseline', 'product', 'baseline', 'ratio', 'without start', 'goal', 'met'],
      models.flatMap((model) =>
        model.comparisons.map((comparison) => comparisonRow(comparison, isNoisy(model))),
      ),
      2,
    ),
    '',
    ...models.map(modelLine),
    ...noiseWarning(models),
    'ONNX Runtime: inference alone, of batches in memory, the faster of its ways.',
    'DuckDB: one SQL statement from file to file in a process of its own, start included;',
    '  "statement alone" leaves the start out for DuckDB, but not for the product;',
    '  "then ONNX Runtime": reading and writing by that statement, and inference by ONNX Runtime alone,',
    '  one after the other, each on all cores: as fast as it gets without any cost in between.',
    'pyarrow script: bench/peers/pyarrow_loop.py with a process for each thread, start included.',
    'parquetjs-lite: a loop over 20,000 rows; its rate per row is taken for that of all rows.',
    "Without start: by the run's own elapsedMs (planning to the last shard) and the statement alone.",
  ];
}

function comparisonRow(comparison: Comparison, noisy: boolean): string[] {
  const { model, baseline, productRowsPerSecond, baselineRowsPerSecond } = comparison;
  return [
    model,
    baseline,
    rate(productRowsPerSecond),
    rate(baselineRowsPerSecond),
    ratio(comparison.ratio),
    ratio(comparison.ratioWithoutStart),
    ...goalCells(comparison.goal, digits, noisy),
  ];
}

function perCpuSecond({
  product,
  duckdb,
  pyarrow,
}: Pick<ModelResult, 'product' | 'duckdb' | 'pyarrow'>): string {
  const of = [
    `product ${rate(product.rowsPerCpuSecond)}`,
    `DuckDB ${rate(duckdb.rowsPerCpuSecond)}`,
    'leftOut' in pyarrow
      ? `pyarrow script left out (${pyarrow.leftOut})`
      : `pyarrow script ${rate(pyarrow.rowsPerCpuSecond)}`,
  ];
  return of.join(', ');
}

function modelLine(result: ModelResult): string {
  const { model, description, product, onnxRuntime, duckdb, differences, pyarrow } = result;
  const start = product.wallMs.map((wall, index) => wall - (product.elapsedMs[index] ?? 0));
  const parts = [
    `${model} is ${description}`,
    `product ${busy(product.coresBusy)}, ${product.parts} parts, ${Math.round(Math.min(...start))} ms of start and end`,
    `ONNX Runtime ${setupText(onnxRuntime.setup)}`,
    `DuckDB ${busy(duckdb.coresBusy)}`,
    `rows per CPU second: ${perCpuSecond({ product, duckdb, pyarrow })}`,
    `scores within ${Math.max(differences.toReference, differences.toDuckDB ?? 0).toExponential(1)}`,
  ];
  return `${parts.join('; ')}.`;
}

/** Cores taken by other programs from which on a measurement is not to be relied on. */
const NOISY_CORES = 0.1;

const isNoisy = ({ coresOfOthers }: ModelResult): boolean => coresOfOthers >= NOISY_CORES;

function noiseWarning(models: readonly ModelResult[]): string[] {
  const noisy = models.filter(isNoisy);
  if (noisy.length === 0) return [];
  const list = noisy.map(({ model, coresOfOthers }) => `${model} ${coresOfOthers.toFixed(2)}`);
  return [
    `NOISY: other programs took cores meanwhile (${list.join(', ')}); measure again on an idle machine.`,
  ];
}

function setupText({ sessions, batchRows }: InferenceSetup): string {
  const how = sessions === 'one' ? 'one session, all threads' : 'one session per thread';
  return `${how}, batches of ${count(batchRows)}`;
}

const busy = ({ median }: Spread): string => `${median.toFixed(2)} cores busy`;

function memory(results: readonly MemoryResult[], growth: readonly MemoryGrowth[]): string[] {
  if (results.length === 0) return [];
  const growthRows = growth.map(({ model, pss, rss, goal }) => [
    model,
    'four times / once',
    digits(pss),
    digits(rss),
    '',
    ...goalCells(goal, digits),
  ]);
  return [
    'Peak memory of the process tree, every 50 ms (RSS counts shared pages once per process, PSS once)',
    ...formatTable(
      ['model', 'rows', 'PSS', 'RSS sum', 'processes', 'goal', 'met'],
      [...results.map(memoryRow), ...growthRows],
      1,
    ),
  ];
}

function memoryRow({ model, rows, peaks, goal }: MemoryResult): string[] {
  return [
    model,
    count(rows),
    megabytes(peaks.pssBytes),
    megabytes(peaks.rssBytes),
    String(peaks.processes),
    ...goalCells(goal, megabytes),
  ];
}

function planner(result: PlannerResult): string[] {
  return [
    'Planning, the whole `shardmill plan` process',
    ...formatTable(
      [
        'files',
        'row groups',
        'time',
        'one file',
        'PSS',
        'RSS sum',
        'read',
        'of',
        'shards',
        'parts',
      ],
      [
        [
          count(result.files),
          count(result.rowGroups),
          seconds(result.wallMs),
          `${(result.oneFileWallMs / 1000).toFixed(2)} s`,
          megabytes(result.peaks.pssBytes),
          megabytes(result.peaks.rssBytes),
          megabytes(result.readBytes),
          megabytes(result.datasetBytes),
          count(result.shards),
          count(result.parts),
        ],
      ],
      0,
    ),
  ];
}

function cliffs(results: readonly CliffResult[]): string[] {
  if (results.length === 0) return [];
  return [
    'Odd shapes, a logistic regression over 3 columns',
    ...formatTable(
      ['shape', 'rows', 'files', 'time', 'PSS', 'read', 'of'],
      results.map(({ name, data, wallMs, peaks, readBytes }) => [
        name,
        count(data.rows),
        count(data.files),
        seconds(wallMs),
        megabytes(peaks.pssBytes),
        megabytes(readBytes),
        megabytes(data.bytes),
      ]),
      1,
    ),
    'Read: beyond what the run of one row reads, program code included.',
  ];
}

function goalCells(
  goal: Goal | undefined,
  format: (value: number) => string,
  noisy = false,
): string[] {
  if (goal === undefined) return ['', ''];
  const { atLeast, below, met } = goal;
  const text = atLeast === undefined ? `< ${format(below ?? Number.NaN)}` : `>= ${format(atLeast)}`;
  return [text, `${met ? 'yes' : 'NO'}${noisy ? '?' : ''}`];
}

const ratio = ({ median, min, max }: Spread): string =>
  `${digits(median)} (${digits(min)} to ${digits(max)})`;

/** Three digits, or two where the value is small. */
function digits(value: number): string {
  if (value >= 10) return value.toFixed(0);
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

/** `1.83 M (1.70 to 1.90)` */
function rate({ median, min, max }: Spread): string {
  const [unit, name] = median >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  return `${digits(median / unit)} ${name} (${digits(min / unit)} to ${digits(max / unit)})`;
}

function seconds({ median, min, max }: Spread): string {
  const text = (ms: number): string => (ms / 1000).toFixed(2);
  return `${text(median)} s (${text(min)} to ${text(max)})`;
}

const count = (value: number): string => value.toLocaleString('en');

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} MB`;
}
