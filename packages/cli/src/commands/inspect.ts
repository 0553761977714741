import { inspectPath, type Inspected } from '@shardmill/client/inspect';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { modelReport } from '../ui/model-report.js';
import { parquetReport } from '../ui/parquet-report.js';
import { runSummary } from '../ui/run/run-summary.js';
import { scoreColumns } from '../ui/run/score-columns.js';
import type { Style } from '../ui/text/style.js';
import { unfinishedRunReport } from '../ui/run/unfinished-run-report.js';

export interface InspectFlags {
  readonly run?: string | undefined;
  readonly data?: boolean | undefined;
}

/** Shows what lies at a path: Parquet, an ONNX model, or a run. @throws ShardmillError */
export async function inspect(
  location: string,
  flags: InspectFlags,
  terminal: Terminal,
  services: Pick<Services, 'withEngine' | 'stores'>,
): Promise<Result> {
  const found = await inspectPath(location, flags, terminal.cwd, services);
  return { json: () => found, text: (style) => report(found, style) };
}

function report(found: Inspected, style: Style): string {
  switch (found.kind) {
    case 'parquet':
      return parquetReport(found.parquet, style);
    case 'model':
      return modelReport(found.model, style);
    case 'run': {
      const { manifest, manifestPath, output, plan } = found;
      const scores = plan === null ? undefined : scoreColumns(plan.scoring);
      const others = found.otherRuns.map((id) => `  ${style.colors.dim('also here:')} --run ${id}`);
      const summary = runSummary({ manifest, manifestPath, output, scores }, style);
      return [summary, ...(others.length > 0 ? ['', ...others] : [])].join('\n');
    }
    case 'unfinished-run':
      return unfinishedRunReport(found, style);
    default: {
      const unknown: never = found;
      return unknown;
    }
  }
}
