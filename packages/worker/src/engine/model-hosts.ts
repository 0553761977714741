import type { ModelFinder } from '../model/find-model.js';
import type { ChallengerInference } from '../part/two-pass/score-challenger.js';
import type { WriterLanes } from '../part/choose-writer.js';
import type { RunSettings } from '../part/run-settings.js';
import type { ChallengerSetup } from '../single-pass/part-order.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import { ModelHost } from './model-host.js';
import type { LaneSettings } from './protocol.js';

/** A challenger of a run whose lanes may be added when they are needed. */
interface OpenedChallenger extends ChallengerInference {
  readonly found: WriterLanes;
  /** What the champion's lanes must know to score it beside. */
  readonly setup: ChallengerSetup;
}

/** The models of this process: that of a job, and those of its challengers, each with lanes of its own. */
export class ModelHosts {
  readonly #own: ModelHost;
  readonly #challengers: ModelHost[] = [];

  constructor(
    readonly finder: Pick<ModelFinder, 'locate'>,
    readonly cacheFolder: string,
  ) {
    this.#own = new ModelHost(finder, cacheFolder);
  }

  /** @param challenger its index; the job's own model where left out. */
  of(challenger?: number): ModelHost {
    if (challenger === undefined) return this.#own;
    return (this.#challengers[challenger] ??= new ModelHost(this.finder, this.cacheFolder));
  }

  /**
   * Opens the planned challengers of a run, each with a first lane, and ends those of earlier runs.
   * @param notice is called with a sentence, once for each thing that is not as requested.
   * @throws as `ModelHost.open`
   */
  async openChallengers(
    settings: RunSettings & LaneSettings,
    notice: (text: string) => void,
  ): Promise<OpenedChallenger[]> {
    const planned = settings.scoring.challengers ?? [];
    for (const host of this.#challengers.splice(planned.length)) await host.close();
    const opened: OpenedChallenger[] = [];
    for (const [index, challenger] of planned.entries()) {
      const { name, model, features } = challenger;
      const scoring = { ...settings.scoring, model, features };
      const {
        path,
        opened: lanes,
        pool,
        fill,
      } = await this.of(index).open({ ...settings, scoring });
      const onCpu = lanes.providers[0] === 'cpu';
      const made =
        onCpu && settings.treeKernel === 'auto' ? await makeSubstitute(path, scoring) : undefined;
      const substitute = made !== undefined && 'kernel' in made ? made : undefined;
      pool.useSubstitute(substitute, features);
      pool.onNotice = (text) => notice(`challenger ${name}: ${text}`);
      let noticed = false;
      const onFailure = (why: string): void => {
        if (!noticed) notice(`challenger ${name} does not score every row of its share: ${why}`);
        noticed = true;
      };
      const [provider] = lanes.providers;
      const found = { provider, safeRows: pool.calls.safeRows };
      const setup = { modelPath: path, substitute };
      opened.push({ planned: challenger, lanes: fill, onFailure, found, setup });
    }
    return opened;
  }

  /** Gives the threads of the challengers' lanes, which a single pass does not need, to those of the job's own model. */
  async giveChallengersLanes(): Promise<void> {
    for (const host of this.#challengers) await host.giveLanes();
  }
}
