import { Option } from 'commander';
import { givenSettings, visibleSecrets } from '../config/setting-options.js';
import { environmentOf, type SettingGroup } from '@shardmill/client/settings';
import type { Result } from '../result.js';
import type { LoadServices, Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';

/** What the actions of all commands share. */
export class ProgramContext {
  /** The answer of the command that was called. */
  answer: Promise<Result> | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly loadServices: LoadServices,
  ) {}

  /** Begins a command: loads the settings of these groups, and then what it needs. */
  start(
    flags: object,
    groups: readonly SettingGroup[],
    command: (services: Services) => Promise<Result>,
  ): void {
    const { cwd, env } = this.terminal;
    const given = givenSettings({ ...flags }, groups);
    const visible = visibleSecrets(given);
    for (const name of visible) {
      const { yellow } = this.terminal.errStyle.colors;
      const line = `${name} holds a password that everybody on this machine could see in the list of processes: give it as ${environmentOf(name)}`;
      this.terminal.err(`${yellow(line)}\n`);
    }
    // It takes the place of the arguments, for as long as the process is there.
    if (visible.length > 0) process.title = 'shardmill';
    this.answer = this.loadServices({ ...given, cwd, env }).then((services) => {
      // A command that draws its own lines replaces it.
      services.stores.onWaiting = (message) => {
        const { yellow } = this.terminal.errStyle.colors;
        this.terminal.err(`${yellow(message)}\n`);
      };
      return command(services);
    });
  }
}

export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON document, errors included');
