import type { RunView, RunViews } from '@shardmill/queue';

/** A view is told this often even where nothing changes, so that it never looks frozen. */
const AT_LEAST_MS = 5_000;

/** Publishes views of runs when they change. */
export class ViewPublisher {
  readonly #last = new Map<string, { readonly content: string; readonly at: number }>();

  constructor(readonly views: Pick<RunViews, 'put'>) {}

  async publish(view: RunView): Promise<void> {
    const { at, ...rest } = view;
    const content = JSON.stringify(rest);
    const last = this.#last.get(view.run);
    if (last?.content === content && at - last.at < AT_LEAST_MS) return;
    this.#last.set(view.run, { content, at });
    await this.views.put(view);
  }

  forget(run: string): void {
    this.#last.delete(run);
  }
}
