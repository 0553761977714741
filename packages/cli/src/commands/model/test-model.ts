import { prepareJob } from '@shardmill/client/jobs';
import { modelToTest } from '@shardmill/client/models';
import type { Services } from '@shardmill/client/services';
import { modelTestDocument } from '../../documents/model-documents.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { modelTestText } from '../../ui/model/model-test-text.js';
import { whileWatching } from '../../while-watching.js';

export interface TestModelFlags {
  readonly model: string;
  readonly sample: number;
  readonly param?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly tolerance?: number | undefined;
}

const TOLERANCE = 1e-5;

/** Scores a sample with the model of a job and with another one. @throws what a run throws */
export async function testModel(
  reference: string,
  { model, sample, param, input, tolerance = TOLERANCE }: TestModelFlags,
  terminal: Terminal,
  { testModel: test, stores }: Pick<Services, 'testModel' | 'stores'>,
): Promise<Result> {
  const prepared = await prepareJob(reference, { param, input, sample }, terminal.cwd);
  const { name } = prepared.job;
  return whileWatching(name, terminal, stores, async ({ display, signal, notice }) => {
    const tested = await test(
      { prepared, model: modelToTest(model, terminal.cwd), tolerance, signal },
      { planned: () => {}, progress: (progress) => display.update(progress), notice },
    );
    return {
      json: () => modelTestDocument(name, tolerance, tested),
      text: (style) => modelTestText(name, tested, style),
    };
  });
}
