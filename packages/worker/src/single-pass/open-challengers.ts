import type { SyncSession } from '../onnx/sync-session.js';
import { Substitute } from '../substitute/substitute.js';
import type { PlacesByInput } from '../text-tables/text-places.js';
import { challengerArguments } from './challenger-arguments.js';
import { ChallengerScorer } from './challenger-scorer.js';
import { ChunkScorer } from './chunk-scorer.js';
import type { WriterSetup } from './part-order.js';

/**
 * What scores the challengers of a run, one beside the other.
 * @param sessions of their models, in their order.
 * @param places of the texts of the champion's features.
 * @param onDifference is called where a substitute is not used because it scored otherwise.
 */
export function openChallengers(
  { scoring, threads, challengers: setups = [] }: WriterSetup,
  sessions: readonly SyncSession[],
  places: PlacesByInput,
  onDifference: (what: string) => void,
): ChallengerScorer[] {
  const { readers } = challengerArguments(scoring, places);
  let firstField = scoring.model.outputs.length;
  return (scoring.challengers ?? []).flatMap(({ name, model, features }, index) => {
    const [reader, session] = [readers[index], sessions[index]];
    if (reader === undefined || session === undefined) return [];
    const report = (what: string): void => onDifference(`challenger ${name}: ${what}`);
    const { dictionaries } = reader;
    const plan = setups[index]?.substitute;
    const substitute = Substitute.open(plan, features, threads, report, dictionaries);
    const own = { features, model, nulls: scoring.nulls };
    const scorer = new ChunkScorer(own, session, dictionaries, substitute, report);
    const opened = new ChallengerScorer(scorer, reader, firstField);
    firstField += 1 + model.outputs.length;
    return [opened];
  });
}
